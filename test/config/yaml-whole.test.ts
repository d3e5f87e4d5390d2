import { describe, expect, test } from "vitest";
import { Lines } from "../../src/config/lines.ts";
import type { YamlDocument, YamlNode } from "../../src/config/yaml-document.ts";
import { readWholeYaml } from "../../src/config/yaml-whole.ts";

function read(text: string): YamlDocument {
  return readWholeYaml(text, new Lines(text));
}

/** The value of the one key of a file. */
function valueOf(text: string): YamlNode | undefined {
  const { root, faults } = read(text);
  expect(faults).toEqual([]);
  return root?.kind === "mapping" ? root.pairs[0]?.value : expect.unreachable("the file is a mapping");
}

describe("a block of text", () => {
  test.for([
    ["a: |\n  b\n", "b\n"],
    ["a: |\n  b", "b"],
    ["a: |\r\n  b", "b"],
    ["a: >\n  b\n  c", "b c"],
    ["a: |+\n  b", "b"],
    ["a: |\n  b\n  ", "b\n"],
    ["a: |\n  b\n# c", "b\n"],
    ["a: |-\n  b", "b"],
    ['a: "b\\n"', "b\n"],
  ] as const)("%j ends in a line break where its last line has one", ([text, value]) => {
    expect(valueOf(text)).toMatchObject({ text: value });
  });
});

describe("a value that begins with a character that YAML keeps for itself", () => {
  test.for([
    ["a: %b", "%b"],
    ["a:\n  %b c", "%b c"],
    ["a: ,b", ",b"],
  ] as const)("%j is what the original makes of it", ([text, value]) => {
    expect(valueOf(text)).toMatchObject({ text: value, isPlain: true });
  });

  test("is so in a list too", () => {
    expect(valueOf("a: [%b, c]")).toMatchObject({ items: [{ text: "%b" }, { text: "c" }] });
  });
});

describe("a tag", () => {
  test.for([
    ["a: !!binary aHVudGVyMg==", "hunter2"],
    ["a: !!binary |\n  aHVu\n  dGVyMg==\n", "hunter2"],
    ["a: !!binary MTA=", "10"],
  ] as const)("%j says that the value is in base64", ([text, value]) => {
    expect(valueOf(text)).toMatchObject({ text: value, isPlain: false });
  });

  test.for([
    ["a: !b c", "c"],
    ["a: !!timestamp 2026-01-01", "2026-01-01"],
    ["a: !!str", ""],
  ] as const)("%j says nothing else that counts", ([text, value]) => {
    expect(valueOf(text)).toMatchObject({ text: value });
  });

  test.for([
    ["a: !b\n", 3],
    ["a: [!b, c]\n", 4],
    ["a: { b: !c , d: e }\n", 8],
    ["a: !\n", 3],
  ] as const)("%j is refused where no value follows: it was meant as one", ([text, offset]) => {
    expect(read(text)).toMatchObject({
      faults: [{ offset, message: expect.stringContaining("put the value in quotes") as string }],
    });
  });
});

test("says of every fault of thousands where it stands", { timeout: 120_000 }, () => {
  const { faults } = read(`a:\n${'  - b: ["\\d"]\n'.repeat(20_000)}`);

  expect(faults).toHaveLength(20_000);
  expect(faults.at(-1)).toMatchObject({ path: ["a", 19_999, "b", 0] });
});
