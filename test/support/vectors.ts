import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const folder = new URL("../vectors/", import.meta.url);

/** The text of one file of `test/vectors/`, whether it is stored compressed or not. */
function vectorText(name: string): string {
  return gunzipSync(readFileSync(new URL(`${name}.gz`, folder))).toString("utf8");
}

/** Every line of a vector file (`references.jsonl`) as the object it holds. The caller says what that is. */
export function readVectors<T>(name: string): T[] {
  return vectorText(name)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T); // the vector files are ours: their README gives the shape
}

/** A vector file that is one JSON document (`template-data.json`). The caller says what that is. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the same form as readVectors
export function readVectorDocument<T>(name: string): T {
  return JSON.parse(vectorText(name)) as T; // the vector files are ours: their README gives the shape
}
