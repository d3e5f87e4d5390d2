import { timeFromMilliseconds } from "../time/instant.ts";
import { parseTime } from "../time/parse-time.ts";
import { stringType } from "../go-type.ts";
import { bytesOf, goPointer, goStruct, type Method, type Zone } from "../value.ts";
import type { TemplateWorld } from "../world.ts";

const now: Method = {
  parameters: [],
  call: (_args, _receiver, { world }) => timeFromMilliseconds(world.now(), localZone(world)),
};

const parse: Method = {
  parameters: [stringType, stringType],
  call: ([layout, text], _receiver, { world }) => parseTime(bytesOf(layout), bytesOf(text), localZone(world)),
};

/** What `time` gives: `time.Now`, and `time.Parse LAYOUT VALUE`. Spec: regsync.md §3.2. */
export const timeFunctions = goPointer(
  goStruct(
    "template.TimeFuncs",
    [],
    new Map([
      ["Now", now],
      ["Parse", parse],
    ]),
  ),
);

function localZone({ timeZone }: TemplateWorld): Zone {
  return { kind: "local", timeZone };
}
