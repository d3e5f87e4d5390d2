import { nearestWord } from "./nearest.ts";
import type { Path } from "./path.ts";
import { fileShape, type RecordShape, type Shape } from "./shape.ts";

/** A record of the file, by the name of the key that holds it. */
interface Level {
  readonly name: string;
  readonly shape: RecordShape;
}

/** Why a key that nobody asked for has no effect, and what was probably meant. */
export function explainUnknownKey(key: string, level: RecordShape, path: Path): string {
  const deeper = recordsIn(level).find(({ shape }) => shape.keys.has(key));
  const belongsToSection = path.length === 1 && sectionOf(key, path) !== undefined; // tls of a host, not of timeouts
  if (deeper !== undefined && !belongsToSection)
    return `has no effect at this level; write it one level deeper, under ${deeper.name}`;
  const near = nearestWord(key, level.keys.keys());
  if (near?.toLowerCase() === key.toLowerCase()) return `has no effect: capitals count; write ${near}`;
  const elsewhere = belongsElsewhere(key, path);
  if (elsewhere !== undefined) return elsewhere;
  if (near !== undefined) return `is no known key and has no effect; did you mean ${near}?`;
  return "is no known key and has no effect; remove it, or begin its name with x- when it only holds anchors or notes";
}

/** For keys that are known at another level than this one. */
function belongsElsewhere(key: string, path: Path): string | undefined {
  const [top] = path;
  const home = sectionOf(key, path);
  if (fileShape.keys.has(key)) return `has no effect here; write ${key} at the top of the file, without indentation`;
  if (path.length > 2 && entryKeysOf(top)?.has(key) === true)
    return "has no effect at this level; write it one level higher";
  if (home === undefined) return undefined;
  if (top === "defaults") return `is not inherited from defaults; write it in each entry of ${home.name}`;
  return `has no effect here; write it under ${home.name}`;
}

/** The other part of the file that has such a key. */
function sectionOf(key: string, [top]: Path): Level | undefined {
  return recordsIn(fileShape).find(({ name, shape }) => name !== top && shape.keys.has(key));
}

function entryKeysOf(top: string | number | undefined): RecordShape["keys"] | undefined {
  return recordsIn(fileShape).find(({ name }) => name === top)?.shape.keys;
}

/** The records that are values of a record's keys, or items of lists there. */
function recordsIn(level: RecordShape): Level[] {
  return [...level.keys].flatMap(([name, { shape }]) => {
    const record = recordBehind(shape);
    return record === undefined ? [] : [{ name, shape: record }];
  });
}

function recordBehind(shape: Shape): RecordShape | undefined {
  if (shape.kind === "list") return recordBehind(shape.item);
  return shape.kind === "record" ? shape : undefined;
}
