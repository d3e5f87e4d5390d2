import { readFileSync } from "node:fs";
import { Failure } from "../base/failure.ts";
import { formatComplaint } from "../config/complaint.ts";
import { Lines } from "../config/lines.ts";
import type { EffectiveConfig } from "../config/effective.ts";
import { loadPlan } from "../config/load.ts";
import type { Complaint, Plan } from "../config/plan.ts";
import type { Log } from "../observe/log.ts";
import { hostPlatform } from "../oci/host-platform.ts";
import type { ConfigFlags } from "./invocation.ts";
import { inputName, readInput } from "./read-input.ts";
import { templateWorldOf } from "./template-world.ts";
import type { World } from "./world.ts";

/** The file cannot be used. The message is every complaint about it. */
class ConfigRefused extends Failure {
  readonly code = "CONFIG_INVALID";
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[], lines: readonly string[]) {
    super(lines.join("\n"));
    this.complaints = complaints;
  }
}

/** A configuration that can be used, at least in part. */
export interface ReadConfig {
  readonly plan: Plan;
  readonly effective: EffectiveConfig;
  /** As it was read. */
  readonly text: string;
  /** What is doubtful in it or wrong with some entry, for people: each with the line of the file that it is about. */
  readonly complaintTexts: readonly string[];
}

/**
 * Reads the configuration that the command line names. Files that its templates ask for are added to `files`.
 *
 * Throws `CONFIG_UNREADABLE`; `CONFIG_INVALID` with every complaint when the file cannot be used, or is to be used
 * only without any; `INTERRUPTED`. Spec: regsync.md §2.1, §2.5.
 */
export async function readConfig(
  { config, strict }: ConfigFlags,
  world: World,
  files = new Set<string>(),
): Promise<ReadConfig> {
  const text = await readInput(config, world);
  const host = hostPlatform({ ...world.machine, cpuInfo: cpuInfo() });
  const outside = templateWorldOf(world, (path) => files.add(path));
  using _tight = world.keepHeapTight();
  const result = loadPlan(text, inputName(config), Object.assign(outside, { hostPlatform: host }));
  const complaints = result.kind === "refused" ? result.complaints : result.plan.complaints;
  const lines = new Lines(text);
  const complaintTexts = complaints.map((complaint) => formatComplaint(complaint, lines));
  if (result.kind === "refused") throw new ConfigRefused(complaints, complaintTexts);
  if (strict && complaints.length > 0) {
    throw new ConfigRefused(complaints, [...complaintTexts, `${inputName(config)}: refused because of --strict`]);
  }
  return { plan: result.plan, effective: result.effective, text, complaintTexts };
}

/** Reads the plan for a pass, and logs what is doubtful in it. Throws what `readConfig` throws. */
export async function readPlan(flags: ConfigFlags, world: World, log: Log): Promise<Plan> {
  const { plan } = await readConfig(flags, world);
  logComplaints(plan, log);
  return plan;
}

/** Logs what is doubtful in a configuration, and what is wrong with single entries. */
export function logComplaints(plan: Plan, log: Log): void {
  for (const { severity, file, line, column, path, message } of plan.complaints) {
    const place = { file, line, column, path };
    if (severity === "warning") log.warn("Configuration is doubtful", { ...place, warning: message });
    else log.error("Configuration of an entry is wrong", { ...place, error: message });
  }
}

/** What Linux says of the processor, for its variant. */
function cpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return ""; // not Linux: the variant stays open
  }
}
