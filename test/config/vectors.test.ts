import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import { printed } from "../support/printed.ts";
import { planWorld } from "../support/plan-world.ts";
import { readVectors } from "../support/vectors.ts";

interface Vector {
  readonly exit: number;
  readonly error?: string;
  readonly config?: object;
  readonly lenient?: boolean;
  readonly ours?: {
    readonly exit?: number;
    readonly config?: object;
    readonly set?: Readonly<Record<string, unknown>>;
  };
}

interface SnippetVector extends Vector {
  readonly id: string;
  readonly yaml?: string;
  readonly yaml_base64?: string;
  readonly files?: Readonly<Record<string, string>>;
}

interface FileVector extends Vector {
  readonly file: string;
  readonly config_digest?: { readonly sha256: string };
}

/** Vectors that are not followed, and why. */
const exceptions: Readonly<Record<string, string>> = {
  "creds-numbers-053": "credExpire takes every duration, and .5h is one: design, row 0.2",
  "nesting-002": "a thousand lists inside each other are more than the YAML library reads: the next test but one",
};

const snippetEnvironment = {
  FOO: "env-FOO",
  EMPTY: "",
  NUM: "42",
  SPACED: " padded ",
  TAGV: "3.10",
  QUOTE: `a"b'c`,
  ML: "line1\nline2",
};

describe("comes to what the original comes to", () => {
  test.for(readVectors<SnippetVector>("config-snippets.jsonl"))("$id", (vector) => {
    const encoded = vector.yaml_base64 === undefined ? undefined : Buffer.from(vector.yaml_base64, "base64");
    const text = vector.yaml ?? encoded?.toString("utf8") ?? "";
    const files = Object.entries(vector.files ?? {}).map(([name, content]) => [`@DIR@/${name}`, content]);

    const outcome = load(text, snippetEnvironment, Object.fromEntries(files));

    if (vector.lenient === true || exceptions[vector.id] !== undefined) return;
    expectLike(outcome, vector);
  });
});

const corpus = new URL("../../../shared/corpus/regsync/", import.meta.url);

describe.skipIf(!existsSync(corpus))("comes to what the original comes to, for the files of ../shared/corpus", () => {
  test.for(readVectors<FileVector>("config.jsonl"))("$file", (vector) => {
    const text = readFileSync(new URL(vector.file, corpus), "utf8");
    const names = [...text.matchAll(/env\s+\\?"([^"\\]+)/g)].map(([, name = ""]) => name);

    const outcome = load(text, Object.fromEntries(names.map((name) => [name, `env-${name}`])));

    if (vector.config_digest === undefined) return expectLike(outcome, vector);
    const config: unknown = JSON.parse(outcome.config ?? "null");
    expect(createHash("sha256").update(canonical(config)).digest("hex")).toBe(vector.config_digest.sha256);
  });
});

test("refuses a file that is nested deeper than it can be read", () => {
  const outcome = loadPlan(`x: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "regsync.yml", planWorld());

  const messages = outcome.kind === "refused" ? outcome.complaints.map(({ message }) => message) : [];
  expect(messages).toEqual(["nested too deeply to be read"]);
});

interface Outcome {
  readonly exit: number;
  /** The effective configuration as JSON text, whose keys are in the printed order. */
  readonly config: string | undefined;
  /** Where the complaints are. */
  readonly lines: readonly number[];
}

function load(
  text: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Outcome {
  const result = loadPlan(text, "regsync.yml", planWorld(env, files));
  if (result.kind === "refused") {
    return { exit: 3, config: undefined, lines: result.complaints.map(({ line }) => line) };
  }
  const config = JSON.parse(printed(result.effective, { showSecrets: true, output: "json" })) as unknown; // only printed again
  return { exit: 0, config: JSON.stringify(config), lines: [] };
}

function expectLike(outcome: Outcome, vector: Vector): void {
  expect(outcome.exit).toBe(vector.ours?.exit ?? vector.exit);
  if (outcome.config !== undefined) {
    const config = structuredClone(vector.ours?.config ?? vector.config ?? {});
    for (const [pointer, value] of Object.entries(vector.ours?.set ?? {})) setAt(config, pointer, value);
    expect(outcome.config).toBe(JSON.stringify(config));
  }
  const line = /^\[([0-9]+):/.exec(vector.error ?? "")?.[1];
  if (outcome.exit !== 0 && line !== undefined) expect(outcome.lines).toContain(Number(line));
}

function setAt(document: object, pointer: string, value: unknown): void {
  const steps = pointer.split("/").slice(1);
  let holder: unknown = document;
  for (const step of steps.slice(0, -1)) holder = Reflect.get(Object(holder), step);
  Reflect.set(Object(holder), steps.at(-1) ?? "", value);
}

/** JSON with sorted keys and without blanks. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}
