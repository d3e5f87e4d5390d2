import { type Answer, plainAnswer, problemAnswer } from "./answer.ts";
import { type Check, type CheckParts, liveness, readiness, startup } from "./checks.ts";
import type { Call, Route } from "./route.ts";

/**
 * `/livez`, `/readyz` and `/startupz`, as Kubernetes' own components answer them: `ok`, `?verbose` lists the checks,
 * `?exclude=` leaves one out, and each has a path of its own. Why a check failed is for those who may know.
 * Spec: operations.md §4.
 */
export function probeRoutes(parts: CheckParts): readonly Route[] {
  return [
    ...probe("livez", () => liveness(parts)),
    ...probe("readyz", () => readiness(parts)),
    ...probe("startupz", () => startup(parts)),
  ];
}

function probe(name: string, look: () => readonly Check[]): readonly Route[] {
  return [
    { method: "GET", path: `/${name}`, access: "open", answer: (call) => all(name, look(), call) },
    { method: "GET", path: `/${name}/{check}`, access: "open", answer: (call) => single(look(), call) },
  ];
}

function all(name: string, checks: readonly Check[], { query, isTrusted }: Call): Answer {
  const excluded = new Set(query.getAll("exclude"));
  const failed = checks.filter((check) => check.failure !== undefined && !excluded.has(check.name));
  if (failed.length === 0 && !query.has("verbose")) return plainAnswer(200, "ok");
  const lines = checks.map((check) => lineOf(check, excluded.has(check.name), isTrusted));
  const unknown = [...excluded].filter((word) => !checks.some((check) => check.name === word));
  if (unknown.length > 0) lines.push(`warn: there are no checks to exclude by the names ${quoted(unknown)}`);
  const verdict = failed.length === 0 ? "passed" : "failed";
  return plainAnswer(failed.length === 0 ? 200 : 503, [...lines, `${name} check ${verdict}`].join("\n"));
}

function single(checks: readonly Check[], { parameters, isTrusted }: Call): Answer {
  const check = checks.find(({ name }) => name === parameters.get("check"));
  if (check === undefined)
    return problemAnswer(404, `the checks here are ${checks.map(({ name }) => name).join(", ")}`);
  if (check.failure === undefined) return plainAnswer(200, "ok");
  return plainAnswer(503, `failed: ${reasonOf(check.failure, isTrusted)}`);
}

function lineOf({ name, failure }: Check, isExcluded: boolean, isTrusted: boolean): string {
  if (isExcluded) return `[+]${name} excluded: ok`;
  return failure === undefined ? `[+]${name} ok` : `[-]${name} failed: ${reasonOf(failure, isTrusted)}`;
}

function reasonOf(failure: string, isTrusted: boolean): string {
  return isTrusted ? failure : "reason withheld";
}

/** What somebody sent is shown, though never so that it looks like a line of ours. */
function quoted(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}
