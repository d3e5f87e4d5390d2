import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration } from "../../src/base/duration.ts";
import { Failure } from "../../src/base/failure.ts";
import { redactUrl } from "../../src/base/redact-url.ts";
import { maskLogins } from "../../src/base/secret.ts";
import { formatComplaint } from "../../src/config/complaint.ts";
import { Lines } from "../../src/config/lines.ts";
import { loadPlan } from "../../src/config/load.ts";
import { parseCron } from "../../src/dialect/cron.ts";
import { compilePattern } from "../../src/dialect/pattern.ts";
import { parseVersion } from "../../src/dialect/version.ts";
import { parseVersionRange } from "../../src/dialect/version-range.ts";
import { escapeUnprintable } from "../../src/observe/printable.ts";
import { hostPlatform } from "../../src/oci/host-platform.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { Misshapen, parseJson } from "../../src/oci/raw.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { parseChallenges } from "../../src/registry/challenge.ts";
import { parseLinks } from "../../src/registry/link.ts";
import { retryAfterMs } from "../../src/registry/retry-after.ts";
import { parseTemplate } from "../../src/template/template.ts";
import { planWorld } from "../support/plan-world.ts";

// Whatever reads text of others, on texts of 64 KiB that are made to be expensive: the same few characters over and
// over, in every nesting. What takes the square of the length takes many seconds here, and what is linear takes none.

const lengthBytes = 64 * 1024;
/** Of the processor's time, for one text. Most take some milliseconds; the square of the length takes minutes. */
const limitMs = 4_000;

const linux = hostPlatform({ system: "linux", architecture: "x64", cpuInfo: "" });

/** Everything that reads a text from outside. Those of the client give nothing for nonsense, the others a `Failure`. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  "a configuration": (text) => load(text),
  "a value of a configuration": (text) =>
    load(
      `sync: [{source: ${JSON.stringify(text)}, target: b.test/c, type: image, tags: {allow: [${JSON.stringify(text)}]}}]`,
    ),
  "a template": (text) => parseTemplate(text),
  "an action of a template": (text) => parseTemplate(`{{${text}}}`),
  "a reference": (text) => parseReference(text),
  "a version range": (text) => parseVersionRange(text),
  "a version": (text) => parseVersion(text),
  "a pattern": (text) => compilePattern(text),
  "a name for a pattern": (text) => compilePattern("(a*)*b|(x+x+)+y|v?[0-9.]*").matches(text),
  "a schedule": (text) => parseCron(text, "UTC"),
  "a duration": (text) => parseDuration(text),
  "a platform": (text) => parsePlatform(text, linux),
  "JSON of a registry": (text) => parseJson(Buffer.from(text)),
  "a challenge": (text) => parseChallenges([text]),
  "a Link header": (text) => parseLinks([text]),
  "a Retry-After": (text) => retryAfterMs(text, text, 0),
  "an address to show": (text) => redactUrl(`https://h.test/?${text}`),
  "words to show": (text) => maskLogins(escapeUnprintable(text)),
};

function load(text: string): void {
  const result = loadPlan(text, "regsync.yml", planWorld());
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  for (const complaint of complaints.slice(0, 100)) formatComplaint(complaint, new Lines(text));
}

/** What is repeated: every character that means something to one of the readers, and short words of them. */
const units = [
  ...Array.from("a0 .-_/:@,;|*+?()[]{}<>\"'\\&!%#=~^$\n\t\u001b\u{1f600}"),
  "{{",
  "}}",
  "a,",
  "a=",
  "a:",
  "- ",
  "[a",
  "{a: ",
  "(a",
  "a|",
  "1.",
  ">=1 ",
  "||",
  "*/",
  "a-",
  "1h",
  "%2",
  "{{if 1}}",
  "(a*)*",
  "x{9}",
  '"a":[',
  '{"a":',
  "Basic ",
  'realm="',
  "<a>;",
  "&a *a ",
  "? ",
  "a: &a [*a]\n",
  "basic a",
  "a=b&",
  "0-",
];

/** Readers that take long for any text of this length get a quarter of the repetitions, another one for every seed. */
const thorough: ReadonlySet<string> = new Set(["a configuration", "a pattern"]);
const seed = Number(process.env["REGSYNC_TEST_SEED"] ?? "1");

function unitsFor(name: string): readonly string[] {
  return thorough.has(name) ? units.filter((_, at) => at % 4 === seed % 4) : units;
}

describe.each(Object.entries(readers))("%s", (name, read) => {
  test("is read in no time, however it repeats itself", () => {
    const slow: string[] = [];
    for (const unit of unitsFor(name)) {
      const text = unit.repeat(Math.ceil(lengthBytes / unit.length)).slice(0, lengthBytes);
      const begun = process.cpuUsage();
      attempt(read, text);
      const tookMs = process.cpuUsage(begun).user / 1_000;
      if (tookMs > limitMs) slow.push(`${JSON.stringify(unit)}: ${Math.round(tookMs)} ms`);
    }

    expect(slow).toEqual([]);
  });

  test("is read or refused, whatever it is", () => {
    const word = fc.oneof(
      fc.constantFrom(...units, "__proto__", "constructor"),
      fc.string({ unit: "binary", maxLength: 5 }),
    );

    fc.assert(fc.property(fc.array(word, { maxLength: 40 }), (words) => attempt(read, words.join(""))));

    expect(Reflect.get({}, "a")).toBeUndefined();
  });
});

/** Reads, and lets only what is foreseen pass. */
function attempt(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (thrown) {
    if (!(thrown instanceof Failure) && !(thrown instanceof Misshapen)) throw thrown;
  }
}

test("aliases that multiply are counted before they are followed", () => {
  const levels = Array.from({ length: 30 }, (_, level) => `x-${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
  const text = ["x-0: &a0 [1, 1]", ...levels, "sync: *a30"].join("\n");

  const result = loadPlan(text, "regsync.yml", planWorld());

  expect(result.kind).toBe("refused");
});
