import { describe, expect, test } from "vitest";
import { Failure } from "../../src/base/failure.ts";
import { TemplateExecution, TemplateParse } from "../../src/template/failure.ts";
import { parseTemplate } from "../../src/template/template.ts";
import { readVectors } from "../support/vectors.ts";
import { vectorData, vectorWorld } from "./template-data.ts";

/** What a template gives. */
interface Result {
  readonly out?: string;
  readonly outBase64?: string;
  readonly error?: "parse" | "exec";
  readonly message?: string;
}

interface TemplateVector extends Result {
  readonly id: string;
  readonly template: string;
  readonly data: string;
  readonly ours?: Result;
}

const topics = Map.groupBy(readVectors<TemplateVector>("template.jsonl"), ({ id }) => id.replace(/-.*/, ""));

describe("gives what the original gives, to the byte, and refuses at the same place", () => {
  test.each([...topics])("%s", (_topic, vectors) => {
    const wrong = vectors.flatMap((vector) => {
      const wanted = summary(vector.ours ?? vector);
      const given = run(vector);
      return given === wanted ? [] : [{ id: vector.id, template: vector.template, given, wanted }];
    });

    expect(wrong).toEqual([]);
  });
});

function run({ template, data }: TemplateVector): string {
  try {
    return `out ${Buffer.from(parseTemplate(template).executeToBytes(vectorData(data), vectorWorld), "latin1").toString("base64")}`;
  } catch (thrown) {
    if (thrown instanceof TemplateParse) return `parse ${thrown.line}`;
    if (thrown instanceof TemplateExecution) return `exec ${thrown.line}:${thrown.column}`;
    if (thrown instanceof Failure) throw thrown;
    return String(thrown instanceof Error ? thrown.stack : thrown);
  }
}

/** The kind of a recorded error, and its place. */
function summary({ out = "", outBase64, error, message = "" }: Result): string {
  if (error === undefined) return `out ${outBase64 ?? Buffer.from(out).toString("base64")}`;
  const place = /^template: out:(\d+(?::\d+)?)/.exec(message)?.[1] ?? "?";
  return `${error} ${error === "parse" ? place.replace(/:.*/, "") : place}`;
}
