import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DescriptorPlatform } from "../../src/oci/descriptor.ts";
import {
  formatPlatform,
  type Platform,
  PlatformInvalid,
  parsePlatform,
  samePlatform,
  selectPlatform,
} from "../../src/oci/platform.ts";
import { readVectors } from "../support/vectors.ts";

interface VectorPlatform {
  readonly os?: string;
  readonly arch?: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly features?: readonly string[];
}

type PlatformVector =
  | {
      readonly op: "parse";
      readonly in: string;
      readonly host: string;
      readonly out?: VectorPlatform;
      readonly string?: string;
      readonly error?: true;
    }
  | {
      readonly op: "select";
      readonly want: VectorPlatform;
      readonly descriptors: readonly (VectorPlatform | null)[];
      readonly chosen: number | null;
    };

const vectors = readVectors<PlatformVector>("platforms.jsonl");

function platformOf(vector: VectorPlatform): Platform {
  const { os = "", arch = "", variant = "", osVersion = "", osFeatures = [], features = [] } = vector;
  return { os, architecture: arch, variant, osVersion, osFeatures, features };
}

function platform(text: string, more: Partial<Platform> = {}): Platform {
  const [os = "", arch = "", variant = ""] = text.split("/");
  return { ...platformOf({ os, arch, variant }), ...more };
}

const host = platform("linux/amd64/v3");

function parsed(text: string, onHost: Platform): Platform | undefined {
  try {
    return parsePlatform(text, onHost);
  } catch (thrown) {
    if (thrown instanceof PlatformInvalid) return undefined;
    throw thrown;
  }
}

describe("as regsync", () => {
  test("reads and prints platforms", () => {
    const cases = vectors.filter((vector) => vector.op === "parse");

    const answers = cases.map((vector) => {
      const got = parsed(vector.in, platform(vector.host));
      return { text: vector.in, platform: got, string: got && formatPlatform(got) };
    });

    const recorded = cases.map(({ in: text, out, string }) => ({ text, platform: out && platformOf(out), string }));
    expect(cases.length).toBeGreaterThan(500);
    expect(answers).toEqual(recorded);
  });

  test("chooses the child of an index", () => {
    const cases = vectors.filter((vector) => vector.op === "select");

    const answers = cases.map(({ want, descriptors }) => {
      const offers = descriptors.map((each) => (each === null ? undefined : platformOf(each)));
      return { want, descriptors, chosen: selectPlatform(platformOf(want), offers) ?? null };
    });

    const recorded = cases.map(({ want, descriptors, chosen }) => ({ want, descriptors, chosen }));
    expect(cases.length).toBeGreaterThan(500);
    expect(answers).toEqual(recorded);
  });
});

describe("refuses what is no platform and says why", () => {
  test.each([
    ["", /between the slashes go letters/],
    ["linux/", /between the slashes/],
    ["/amd64", /between the slashes/],
    ["linux//v7", /between the slashes/],
    ["linux/*", /between the slashes/],
    [" linux/amd64", /between the slashes/],
    ["linux/amd64.v2", /between the slashes/],
    ["linux/amd64/v2/*", /between the slashes/],
    ["windows/amd64,foo=1", /"foo" is no option; write os\/arch\[\/variant\]\[,osver=version\]/],
    ["windows/amd64,osver=10,features=x", /"features" is no option/],
    ['windows/amd64,osver="10', /a quotation mark is not closed/],
    ["windows/amd64,osver=10\\", /ends in a backslash/],
  ])("%j", (text, sentence) => {
    expect(() => parsePlatform(text, host)).toThrow(sentence);
  });
});

describe("equality for the list `platforms`", () => {
  test.each([
    ["linux/amd64", "linux/x86_64/v1"],
    ["linux/arm64", "linux/aarch64/v8"],
    ["linux/arm", "linux/armhf"],
    ["darwin/arm64", "macos/arm64"],
  ])("%s is %s", (wanted, offer) => {
    expect(samePlatform(platform(wanted), platform(offer))).toBe(true);
  });

  test.each([
    ["linux/amd64", "linux/amd64/v2"],
    ["linux/amd64/v2", "linux/amd64"],
    ["linux/arm/v7", "linux/arm/v6"],
    ["linux/amd64", "windows/amd64"],
    ["windows/amd64", "linux/amd64"],
    ["linux/amd64", "unknown/unknown"],
  ])("%s is not %s", (wanted, offer) => {
    expect(samePlatform(platform(wanted), platform(offer))).toBe(false);
  });

  test("a system's version counts for Windows up to the build, and not for Linux", () => {
    const windows = (osVersion: string): Platform => platform("windows/amd64", { osVersion });

    expect(samePlatform(windows("10.0.17763.1"), windows("10.0.17763.2"))).toBe(true);
    expect(samePlatform(windows(""), windows("10.0.17763.2"))).toBe(true);
    expect(samePlatform(windows("10.0.17763"), windows("10.0.20348"))).toBe(false);
    expect(samePlatform(platform("linux/amd64", { osVersion: "1" }), platform("linux/amd64"))).toBe(true);
  });

  test("of other systems everything counts", () => {
    const wanted = platform("plan9/amd64", { features: ["a", "b"] });

    expect(samePlatform(wanted, platform("plan9/amd64", { features: ["a", "b"] }))).toBe(true);
    expect(samePlatform(wanted, platform("plan9/amd64", { features: ["b", "a"] }))).toBe(false);
    expect(samePlatform(wanted, platform("plan9/amd64", { features: ["a"] }))).toBe(false);
  });
});

describe("whatever the text", () => {
  const known = fc.constantFrom(
    "linux",
    "MacOS",
    "local",
    "x86_64",
    "arm",
    "armhf",
    "aarch64",
    "i386",
    "v1",
    "V8",
    "7",
  );
  const word = fc.oneof(known, fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/));

  test("what is printed and read again is the same platform, but for its version", () => {
    const words = fc.array(word, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(words, fc.constantFrom("", ",osver=10.0"), (parts, suffix) => {
        const read = parsePlatform(parts.join("/") + suffix, host);

        const reread = parsePlatform(formatPlatform(read), host);

        expect(reread).toEqual({ ...read, osVersion: "" });
      }),
    );
  });

  test("it is a platform or refused, and nothing else happens", () => {
    const piece = fc.oneof(word, fc.constantFrom("osver", "=", ",", "/", '"', "\\", " ", "é", "1.2"));
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(parsed(text, host)?.os).not.toBe("");
      }),
    );
  });

  test("a long text is refused without repeating it all", () => {
    expect(() => parsePlatform("linux/".repeat(100_000), host)).toThrow(/^.{1,400}$/);
    expect(() => parsePlatform(`linux,${'"'.repeat(100_001)}`, host)).toThrow(/^.{1,400}$/);
  });
});

describe("a choice", () => {
  const offer = fc.record<DescriptorPlatform>({
    os: fc.constantFrom("linux", "windows", "darwin", "plan9"),
    architecture: fc.constantFrom("amd64", "arm64", "x86_64"),
    variant: fc.constantFrom("", "v1", "v2", "v8", "x"),
    osVersion: fc.constantFrom("", "10.0.17763", "10.0.17763.5", "10.0"),
    osFeatures: fc.constantFrom([], ["win32k"]),
    features: fc.constant([]),
  });

  test("is one of the offers, and there is one when the very platform is offered", () => {
    fc.assert(
      fc.property(fc.array(fc.option(offer, { nil: undefined })), offer, (offers, want) => {
        const withIt = [...offers, want];

        const position = selectPlatform(want, withIt);

        expect(position === undefined ? undefined : withIt[position]).toBeDefined();
      }),
    );
  });

  test("does not change when a child without a platform is added", () => {
    fc.assert(
      fc.property(fc.array(offer), offer, (offers, want) => {
        const before = selectPlatform(want, offers);

        const after = selectPlatform(want, [undefined, ...offers]);

        expect(after).toBe(before === undefined ? undefined : before + 1);
      }),
    );
  });
});
