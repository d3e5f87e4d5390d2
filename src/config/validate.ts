import type { ErrorObject } from "ajv/dist/2020.js";
import type { Findings } from "./findings.ts";
import { fitsSchema } from "./fits-schema.ts";
import { durationFault } from "./formats.ts";
import { describeNoTime } from "./mismatch.ts";
import type { Path } from "./path.ts";

/**
 * Checks a decoded document against the schema: words from a list, least and largest numbers, durations. What does
 * not fit is complained about and taken out of the document. An unknown `type` stays: it concerns one entry.
 */
export function validateDocument(document: object, findings: Findings): void {
  if (fitsSchema(document)) return;
  for (const error of fitsSchema.errors ?? []) {
    const path = pathOf(error.instancePath);
    if (path[0] === "sync" && path.length === 3 && path[2] === "type") continue;
    findings.refuse(path, explain(error));
    remove(document, path);
  }
}

/** What is wrong, in the words of the field. */
function explain({ keyword, data, params, message }: ErrorObject): string {
  switch (keyword) {
    case "format":
    case "pattern": // only durations have one, and what is none is said once
      return durationFault(String(data)) ?? describeNoTime(String(data));
    case "enum": {
      const words = [params["allowedValues"]].flat().filter((word) => typeof word === "string" && word !== "");
      return `${JSON.stringify(data)} is not one of ${words.join(", ")}`;
    }
    case "minimum":
      return `${String(data)} is too small; the least is ${String(params["limit"])}`;
    case "maximum":
      return `${String(data)} is not supported; the largest is ${String(params["limit"])}`;
    default:
      return message ?? "does not fit the schema";
  }
}

/** `/sync/0/tags` as steps. What looks like a position is one: no key that is looked into is a number. */
function pathOf(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step));
}

function remove(document: object, path: Path): void {
  let holder: unknown = document;
  for (const step of path.slice(0, -1)) {
    if (typeof holder !== "object" || holder === null) return;
    holder = Reflect.get(holder, step);
  }
  const last = path.at(-1);
  if (typeof holder === "object" && holder !== null && last !== undefined) Reflect.deleteProperty(holder, last);
}
