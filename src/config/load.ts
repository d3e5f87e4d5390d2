import { decodeDocument } from "./decode.ts";
import type { EffectiveConfig } from "./effective.ts";
import type { PlanWorld } from "./entry-check.ts";
import { Expander } from "./expand.ts";
import { Findings } from "./findings.ts";
import { Lines } from "./lines.ts";
import { ExpansionTooLarge } from "./mapping.ts";
import { Places } from "./places.ts";
import type { Complaint, Plan } from "./plan.ts";
import { Planner } from "./planner.ts";
import type { RawConfig } from "./raw.ts";
import { fileShape } from "./shape.ts";
import { validateDocument } from "./validate.ts";
import { readPlainYaml } from "./yaml-plain.ts";
import { readWholeYaml } from "./yaml-whole.ts";

/** What became of a configuration file. */
export type LoadResult =
  | { readonly kind: "loaded"; readonly plan: Plan; readonly effective: EffectiveConfig }
  /** The file cannot be used at all. Everything that is wrong or doubtful in it, in its order. */
  | { readonly kind: "refused"; readonly complaints: readonly Complaint[] };

/**
 * Reads a configuration file. What is wrong with it is all found at once and given back, never thrown: faults of
 * the whole file refuse it, faults of one entry refuse that entry in the plan, and what is merely doubtful is among
 * the plan's complaints. `file` is the name to show. Spec: regsync.md §2.
 */
export function loadPlan(text: string, file: string, world: PlanWorld): LoadResult {
  const lines = new Lines(text);
  const places = new Places();
  const findings = new Findings(file, lines, places);
  const raw = readDocument(text, lines, places, findings);
  if (raw === undefined) return { kind: "refused", complaints: findings.complaints };

  const planner = new Planner(raw, world, places, findings, new Expander(world, findings, text));
  const { plan, effective } = planner.plan();
  if (findings.refused) return { kind: "refused", complaints: findings.complaints };
  return { kind: "loaded", plan: { ...plan, complaints: findings.complaints }, effective };
}

/** The document as the schema has it, without what was wrong in it; `undefined` when nothing can be made of it. */
function readDocument(text: string, lines: Lines, places: Places, findings: Findings): RawConfig | undefined {
  const yaml = readPlainYaml(text) ?? readWholeYaml(text, lines);
  for (const { offset, message, path } of yaml.faults) findings.refuse(path, message, offset);
  if (yaml.ignoredFrom !== undefined) {
    findings.warn(
      [],
      "only the first document is read, and this one has no effect; remove the --- before it",
      yaml.ignoredFrom,
    );
  }
  if (!yaml.readable) return undefined;
  try {
    const document = decodeDocument(yaml, fileShape, places, findings);
    findings.follow(document);
    validateDocument(document, findings);
    return document;
  } catch (thrown) {
    if (!(thrown instanceof ExpansionTooLarge)) throw thrown;
    findings.refuse(
      [],
      "the aliases multiply into more than two million values; write fewer, or several files",
      undefined,
    );
    return undefined;
  }
}
