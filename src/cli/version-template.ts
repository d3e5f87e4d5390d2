import { parseTemplate } from "../template/template.ts";
import { structType } from "../template/go-type.ts";
import { goNilPointer, goString, goStruct } from "../template/value.ts";
import { templateWorldOf } from "./template-world.ts";
import type { VersionFact } from "./version-facts.ts";
import type { World } from "./world.ts";

/**
 * What a template of the user's makes of the facts. Their names are fields; `Debug` is there, and nil.
 *
 * Throws `TEMPLATE_PARSE`, `TEMPLATE_EXECUTION`. Spec: regsync.md §1.6, §3.
 */
export function renderVersion(format: string, facts: readonly VersionFact[], world: World): string {
  const debug = { name: "Debug", json: "debug", omitEmpty: true, value: goNilPointer(structType("debug.BuildInfo")) };
  const fields = facts.map(({ name, json, value }) => ({ name, json, value: goString(value) }));
  return parseTemplate(format).execute(goStruct("version.Info", [...fields, debug]), templateWorldOf(world));
}
