import { describe, expect, test } from "vitest";
import type { EffectiveEntry } from "../../src/config/effective.ts";
import { backupData, loadData } from "../../src/config/template-data.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { TemplateExecution, TemplateParse } from "../../src/template/failure.ts";
import { parseTemplate } from "../../src/template/template.ts";
import type { Value } from "../../src/template/value.ts";
import { readVectorDocument, readVectors } from "../support/vectors.ts";

/** A value as `template-data.json` writes it. */
interface Notation {
  readonly type: string;
  readonly nil?: true;
  readonly value?: string | boolean;
  readonly list?: readonly Notation[];
  readonly map?: readonly (readonly [Notation, Notation])[];
  readonly to?: Notation;
  readonly fields?: readonly { readonly name: string; readonly json: string; readonly value: Notation }[];
}

interface TemplateVector {
  readonly id: string;
  readonly template: string;
  readonly data: string;
  readonly out?: string;
  readonly error?: string;
  readonly ours?: { readonly out?: string; readonly error?: string };
}

const { env, data } = readVectorDocument<{
  readonly env: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, Notation>>;
}>("template-data.json");

const world = { env: (name: string) => env[name] ?? "", file: () => undefined, now: () => 0, timeZone: "UTC" };
const names = ["sync1", "sync2", "backup1", "backup2", "backup3"];
const vectors = readVectors<TemplateVector>("template.jsonl").filter(({ data }) => names.includes(data));

describe("templates see an entry as those of the original do", () => {
  test.each(names)("%s", (name) => {
    const value = dataOf(data[name]);
    const usesFiles = /\bfile\b|time\.Now/;
    const asked = vectors.filter((vector) => vector.data === name && !usesFiles.test(vector.template));

    const wrong = asked.flatMap(({ id, template, out, error, ours = { out, error } }) => {
      const given = run(template, value);
      const wanted = ours.error === undefined ? `out: ${ours.out}` : ours.error;
      return given === wanted ? [] : [{ id, template, given, wanted }];
    });

    expect(asked.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });
});

function run(template: string, value: Value): string {
  try {
    return `out: ${parseTemplate(template).execute(value, world)}`;
  } catch (thrown) {
    if (thrown instanceof TemplateParse) return "parse";
    if (thrown instanceof TemplateExecution) return "exec";
    throw thrown;
  }
}

function dataOf(notation: Notation | undefined): Value {
  const fields = new Map(notation?.fields?.map(({ name, value }) => [name, plain(value)]));
  const entry = fields.get("Sync") as EffectiveEntry; // the notation has the fields of an entry under the file's keys
  const target = fields.get("Ref") as { readonly Reference: string } | undefined; // as above
  return target === undefined ? loadData(entry) : backupData(entry, parseReference(target.Reference));
}

/** A value of the notation as the program holds it: nil is `undefined`, durations are bigints. */
function plain({ type, nil, value, list, map, to, fields }: Notation): unknown {
  if (nil === true) return undefined;
  if (fields !== undefined) return Object.fromEntries(fields.map(({ json, value }) => [json, plain(value)]));
  if (list !== undefined) return list.map(plain);
  if (map !== undefined) return Object.fromEntries(map.map(([key, element]) => [String(plain(key)), plain(element)]));
  if (to !== undefined) return plain(to);
  if (type === "time.Duration") return BigInt(String(value));
  return type === "int" ? Number(value) : value;
}
