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
