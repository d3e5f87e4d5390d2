import type { HealthPolicy } from "../base/health-policy.ts";
import type { EntryStatus, ServerStatus } from "../observe/server-status.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { type CheckParts, liveness } from "./checks.ts";
import { entryDetailDocument, entryDocument, hasCompleted, healthOf, moment } from "./documents.ts";
import type { Call, Route } from "./route.ts";

/** `degraded`: something is in trouble, and the policy says that this is no reason for a 503. */
type Verdict = "ok" | "degraded" | "failing";

/** `/healthz`: how everything is doing, for people and monitors. Spec: operations.md §4. */
export function healthRoute(parts: CheckParts, policy: HealthPolicy): Route {
  return { method: "GET", path: "/healthz", access: "open", answer: (call) => health(parts, policy, call) };
}

function health(parts: CheckParts, policy: HealthPolicy, { query, isTrusted }: Call): Answer {
  const { status } = parts;
  const entries = status.entries();
  const checks = liveness(parts);
  const isAlive = checks.every(({ failure }) => failure === undefined);
  const verdict = verdictOf(entries, status, isAlive, policy);
  const code = verdict === "failing" ? 503 : 200;
  if (!isTrusted) return jsonAnswer(code, { status: verdict });
  const isVerbose = query.has("verbose");
  return jsonAnswer(code, {
    status: verdict,
    startedAt: moment(status.startedMs),
    ready: status.isReady,
    checks: Object.fromEntries(checks.map(({ name, failure }) => [name, failure ?? "ok"])),
    config: {
      hash: status.config.hash,
      loadedAt: moment(status.config.loadedMs),
      rejected: status.config.rejected ?? null,
    },
    summary: summaryOf(entries),
    entries: entries.map((entry) => (isVerbose ? entryDetailDocument(entry) : entryDocument(entry))),
  });
}

function verdictOf(
  entries: readonly EntryStatus[],
  status: ServerStatus,
  isAlive: boolean,
  policy: HealthPolicy,
): Verdict {
  if (!isAlive && policy.kind !== "never") return "failing";
  const inTrouble = entries.filter((entry) => healthOf(entry) === "trouble").length;
  if (isTooMuch(inTrouble, entries, policy)) return "failing";
  return inTrouble > 0 || !isAlive || status.config.rejected !== undefined ? "degraded" : "ok";
}

function isTooMuch(inTrouble: number, entries: readonly EntryStatus[], policy: HealthPolicy): boolean {
  switch (policy.kind) {
    case "never":
      return false;
    case "anyStale":
      return inTrouble > 0;
    case "percent": {
      const judged = entries.filter((entry) => hasCompleted(entry) || healthOf(entry) === "trouble").length;
      return inTrouble * 100 > policy.percent * judged;
    }
  }
}

function summaryOf(entries: readonly EntryStatus[]) {
  const count = (is: (entry: EntryStatus) => boolean): number => entries.filter((entry) => is(entry)).length;
  return {
    entries: entries.length,
    ok: count((entry) => healthOf(entry) === "ok"),
    trouble: count((entry) => healthOf(entry) === "trouble"),
    pending: count((entry) => healthOf(entry) === "pending"),
    running: count((entry) => entry.phase === "running"),
    tagsBehind: entries.reduce((sum, entry) => sum + (entry.tags?.behind ?? 0), 0),
  };
}
