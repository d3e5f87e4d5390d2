import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/base/failure.ts";
import {
  addDigest,
  commonName,
  isSet,
  isSetRepository,
  parseReference,
  type Reference,
  toReg,
  withDigest,
  withTag,
} from "../../src/oci/reference.ts";
import { isTag } from "../../src/oci/reference-grammar.ts";
import { ReferenceInvalid } from "../../src/oci/reference-invalid.ts";
import { readVectors } from "../support/vectors.ts";

interface ReferenceVector {
  readonly op: "parse" | "setTag" | "setDigest" | "addDigest" | "toReg";
  readonly in: string;
  readonly arg?: string;
  readonly error?: true;
  readonly reason?: string;
  readonly scheme?: string;
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly path?: string;
  readonly commonName?: string;
}

const vectors = readVectors<ReferenceVector>("references.jsonl");
const hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

function refusalOf(text: string): ReferenceInvalid {
  try {
    parseReference(text);
  } catch (thrown) {
    if (thrown instanceof ReferenceInvalid) return thrown;
    throw thrown;
  }
  return expect.unreachable(`${JSON.stringify(text)} was accepted`);
}

const changes: Readonly<Record<ReferenceVector["op"], (reference: Reference, argument: string) => Reference>> = {
  parse: (reference) => reference,
  setTag: withTag,
  setDigest: withDigest,
  addDigest,
  toReg,
};

describe("as regsync reads and changes references", () => {
  test.each(["parse", "setTag", "setDigest", "addDigest", "toReg"] as const)("%s", (op) => {
    const wanted = vectors.filter((vector) => vector.op === op && vector.error !== true);

    const answers = wanted.map((vector) => {
      const { text: _, ...pieces } = changes[op](parseReference(vector.in), vector.arg ?? "");
      return { in: vector.in, ...pieces, commonName: commonName({ text: "", ...pieces }) };
    });

    const recorded = wanted.map((vector) => ({
      in: vector.in,
      scheme: vector.scheme,
      registry: vector.registry ?? "",
      repository: vector.repository ?? "",
      tag: vector.tag ?? "",
      digest: vector.digest ?? "",
      path: vector.path ?? "",
      commonName: vector.commonName ?? "",
    }));
    expect(wanted.length).toBeGreaterThan(0);
    expect(answers).toEqual(recorded);
  });

  test("refuses the same texts for the same reasons", () => {
    const refused = vectors.filter((vector) => vector.error === true);

    const answers = refused.map((vector) => ({ in: vector.in, reason: refusalOf(vector.in).reason }));

    expect(refused.length).toBeGreaterThan(1_000);
    expect(answers).toEqual(refused.map((vector) => ({ in: vector.in, reason: vector.reason })));
  });
});

describe("says what is wrong and what to write", () => {
  test.each([
    ["", /nothing is written here; write \[registry\/\]repository/],
    [" alpine", /white space around it/],
    ["alpine\n", /"alpine\\u\{a\}": there is white space/],
    ["{{ .Sync.Source }}", /a template is not expanded/],
    ["localhost", /localhost is a registry, and the repository is missing/],
    ["localhost:5000", /localhost is a registry/],
    ["alpine:", /what follows the : is no tag/],
    [`alpine:${"x".repeat(129)}`, /1 to 128/],
    ["alpine@latest", /what follows the @ is no digest/],
    ["alpine@sha256:1234", /no digest, such as sha256: and 64 hex digits/],
    ["ghcr.io:port/app", /what stands before the first \/ is no host with a port/],
    ["HTTP://ghcr.io/app", /what stands before :\/\/ is no scheme/],
    ["foo//bar", /a repository is made of lower-case letters and digits/],
    ["user@ghcr.io/app", /a login does not belong in a reference but under creds/],
  ])("%j", (text, sentence) => {
    const refusal = refusalOf(text);

    expect(refusal.reason).toBe("invalid");
    expect(refusal.message).toMatch(sentence);
  });

  test.each([
    ["ghcr.io/Owner/App:V1", 'write "ghcr.io/owner/app:V1"'],
    ["K:5000/K", 'write "K:5000/k"'],
    [`Alpine@sha256:${hex.toUpperCase()}`, `write "alpine@sha256:${hex.toUpperCase()}"`],
  ])("%s has capitals in its repository", (text, advice) => {
    const refusal = refusalOf(text);

    expect(refusal.reason).toBe("lowercase");
    expect(refusal.message).toContain(advice);
  });

  test.each([
    ["docker://alpine:3", 'write "alpine:3" for a registry'],
    ["https://ghcr.io/app", 'write "ghcr.io/app" for a registry'],
    ["oci://./folder:tag", 'write "ocidir://./folder:tag" for an OCI layout'],
  ])("%s has an unknown scheme", (text, advice) => {
    const refusal = refusalOf(text);

    expect(refusal.reason).toBe("scheme");
    expect(refusal.message).toContain(advice);
  });

  test.each([
    ["ocidir://c:/mirror", /the : is no tag|before the first \//],
    ["ocidir://a@b", /the @ is no digest/],
    ["ocidir://日本", /a folder is named with letters/],
    ["ocidir://:tag", /a folder is named/],
  ])("%s is no layout", (text, sentence) => {
    const refusal = refusalOf(text);

    expect(refusal.reason).toBe("path");
    expect(refusal.message).toMatch(sentence);
  });
});

test.each([
  "user:hunter2@ghcr.io/app",
  "https://user:hunter2@ghcr.io/app:1",
  "https://user:hunter2@ghcr.io",
  "user:hunter2@ghcr.io",
  `user:hunter2@ghcr.io/app@sha256:${hex}`,
  "hunter2@ghcr.io/app",
  "https://t:hunter2@t/x",
])("a login that was written into a reference (%s) does not come back in the message", (text) => {
  const refusal = refusalOf(text);

  expect(inspect(refusal)).not.toContain("hunter2");
});

describe("what a reference is good for", () => {
  test("a changed reference is known by its common name", () => {
    expect(withTag(parseReference("alpine:3"), "4").text).toBe("docker.io/library/alpine:4");
  });

  test("a layout names an image without a tag, a registry does not", () => {
    expect(isSet(parseReference("ocidir://folder"))).toBe(true);
    expect(isSet(withTag(parseReference("alpine"), ""))).toBe(false);
    expect(isSetRepository(withTag(parseReference("alpine"), ""))).toBe(true);
  });

  test("an archive names nothing that can be used", () => {
    const archive = parseReference("ocifile://images.tar");

    expect([isSet(archive), isSetRepository(archive), commonName(archive)]).toEqual([false, false, ""]);
  });

  test("a layout cannot leave its registry by climbing", () => {
    expect(toReg(parseReference("ocidir://../../../etc/x")).repository).toBe("etc/x");
  });

  test.each(["", "-a", ".a", "a:b", "a b", "é", "a\n", "x".repeat(129)])("%j is no tag", (text) => {
    expect(isTag(text)).toBe(false);
  });
});

describe("whatever the text", () => {
  const pieces = [
    "a",
    "A",
    "0",
    ".",
    "-",
    "_",
    "/",
    ":",
    "@",
    "[",
    "]",
    "localhost",
    "sha256:",
    hex,
    "ocidir://",
    "é",
    " ",
  ];
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join("")),
  );

  test("it is a reference or refused, and nothing else happens", () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseReference(text).text).toBe(text);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("the common name of a reference means the same reference", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,4}([._-][a-z0-9]{1,4})?$/);
    const repository = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const registry = fc.constantFrom("", "localhost/", "ghcr.io/", "host:5000/", "[::1]/", "docker.io/", "ocidir://");
    const suffix = fc.constantFrom("", ":1.2", `@sha256:${hex}`, `:v1@sha256:${hex}`);
    fc.assert(
      fc.property(registry, repository, suffix, (before, name, behind) => {
        fc.pre(before !== "" || !name.startsWith("localhost"));
        const reference = parseReference(before + name + behind);

        const reread = parseReference(commonName(reference));

        expect({ ...reread, text: "" }).toEqual({ ...reference, text: "" });
      }),
    );
  });

  // A matcher that backtracks needs years for one of these; one that does not, some milliseconds for all.
  test.each([
    ["hyphens", (n: number) => `${"a-".repeat(n)}!`],
    ["open hyphens", (n: number) => `a${"-".repeat(n)}/a`],
    ["dots", (n: number) => `${"a.".repeat(n)}_/b`],
    ["capitals", (n: number) => `${"aA".repeat(n)}/_`],
    ["slashes", (n: number) => `${"a/".repeat(n)}!`],
    ["underscores", (n: number) => `${"a__".repeat(n)}!`],
    ["colons", (n: number) => `${"1:".repeat(n)}x`],
    ["at signs", (n: number) => "@".repeat(n)],
    ["an algorithm", (n: number) => `a@${"a+".repeat(n)}`],
    ["hex groups", (n: number) => `[${"1:".repeat(n)}]/a`],
    ["brackets", (n: number) => `${"[".repeat(n)}/a`],
    ["a scheme", (n: number) => `${"a".repeat(n)}:/`],
    ["a folder", (n: number) => `ocidir://${"a b".repeat(n)}!`],
    ["digests", (n: number) => `${"@sha1:".repeat(n)}/`],
  ])("a hundred thousand %s are refused at once", (_, textOf) => {
    expect(refusalOf(textOf(100_000)).message.length).toBeLessThan(1_000);
  });
});
