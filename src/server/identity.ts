import { createHash } from "node:crypto";
import { Secret } from "../base/secret.ts";
import type { Plan, PlannedEntry } from "../config/plan.ts";

/** Stays the same as long as an entry does the same at the same times: other entries of the file do not count. */
export function entryIdentity(planned: PlannedEntry, jitterMs: number | undefined): string {
  if (planned.kind === "refused") {
    // Not the lines they are on, which other entries move.
    return identityOf({ ...planned, index: 0, complaints: planned.complaints.map(({ message }) => message) });
  }
  const isMoved = planned.entry.schedule === "" && planned.entry.intervalMs !== 0;
  return identityOf({ ...planned.entry, index: 0, jitterMs: isMoved ? jitterMs : undefined });
}

/** Stays the same as long as hosts are reached, asked and logged in to in the same way. */
export function hostsIdentity(plan: Plan): string {
  // Whatever else a file may say some day is taken to be about hosts.
  return identityOf({ ...plan, entries: [], complaints: [], server: undefined, parallel: 0, stateDir: "" });
}

/** Stays the same as long as the file says the same of the server itself. */
export function serverIdentity({ parallel, server }: Plan): string {
  return identityOf({ parallel, server });
}

/** Secrets count with what they hold, which cannot be read from what comes out. */
function identityOf(value: object): string {
  const text = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, plain: unknown) {
    const original = this[key]; // what it was before it masked itself
    return original instanceof Secret ? original.reveal() : plain;
  });
  return createHash("sha256").update(text).digest("hex");
}
