import type { FailureCode } from "../../src/base/failure.ts";
import type { Effect, Fault } from "./faults.ts";
import type { Kind } from "./kinds.ts";
import type { Persistence } from "./run-case.ts";

/** What must become of an image when one of its requests meets a fault. */
export interface Expectation {
  /** `copied`, or a code; `skipped` for an image whose type nobody mirrors. */
  readonly outcome: "copied" | "skipped" | FailureCode;
  /** Requests of the kind beyond those of a run without faults: at least and at most. */
  readonly extra: readonly [least: number, most: number];
}

/**
 * What the rules of the client make of a fault, by what the fault is and by what the request is for: retries of six
 * attempts at most, uploads begun anew four times, documents read three times, everything else said at once.
 * Spec: registry-protocol.md §7.
 */
export function expectationOf(kind: Kind, fault: Fault, persistence: Persistence): Expectation {
  const { outcome, extra } = rule(kind, fault, persistence);
  if (!kind.isCounted) return { outcome, extra: [-mostOfSeveral, mostOfSeveral] };
  // With short limits a machine that is busy looks like a host that is slow, now and then.
  return { outcome, extra: fault.stalls ? [extra[0] - 1, extra[1] + 2] : extra };
}

function rule(kind: Kind, fault: Fault, persistence: Persistence): Expectation {
  const { effect } = fault;
  const isOnce = persistence === "once";
  switch (effect.kind) {
    case "harmless":
      return copied(0);
    case "passing":
      if (kind.id === "login check" && !fault.takesHostDown) return copied(0);
      if (effect.code === "REGISTRY_THROTTLED") return failed("REGISTRY_THROTTLED", 0);
      if (fault.takesHostDown) return isOnce ? copied(0, 12) : failed(effect.code, 0);
      return passing(kind, effect.code, isOnce);
    case "lost answer":
      return lostAnswer(kind, isOnce);
    case "login":
      return loginRefused(kind, fault, isOnce);
    case "broken body":
      return brokenBody(kind, effect.code, fault, isOnce);
    case "wrong body":
      return wrongBody(kind, fault, isOnce);
    case "lie":
      return lie(kind, effect.about, isOnce);
    case "redirect":
      return redirected(kind, effect.leads, fault, isOnce);
    case "not stored":
      return notStored(kind, isOnce);
  }
}

function copied(least: number, most = least): Expectation {
  return { outcome: "copied", extra: [least, most] };
}

function failed(code: FailureCode, least: number, most = least): Expectation {
  return { outcome: code, extra: [least, most] };
}

/** Bounds the requests of kinds of which a run has several. */
const mostOfSeveral = 60;
/** Attempts beyond the first: four when the host fails every time, five when good answers in between speak for it. */
const retries = [4, 5] as const;

function passing(kind: Kind, code: FailureCode, isOnce: boolean): Expectation {
  switch (kind.effort) {
    case "retried":
      return isOnce ? copied(1) : failed(code, ...retries);
    case "session":
      // The place of an upload that cannot be asked for costs the upload, and the next one begins anew.
      if (kind.id === "upload, status") return copied(0);
      return isOnce ? copied(1) : failed(code, 3);
    case "piece":
      if (isOnce) return copied(1);
      // A host that is silent twice about the same piece is not asked again in that upload, and there are four of them.
      return code === "REGISTRY_STALLED" ? failed(code, 7) : failed(code, 10, 43);
    case "optional":
      return copied(0);
  }
}

/** What was done and not heard of is done again, or found done. */
function lostAnswer(kind: Kind, isOnce: boolean): Expectation {
  // The registry that is tested with does not know an upload any more by the address before its last answer.
  if (kind.effort === "piece") return isOnce ? copied(1) : failed("REGISTRY_UNREACHABLE", 3);
  if (kind.effort === "session") return copied(0);
  return passing(kind, "REGISTRY_UNREACHABLE", isOnce);
}

function loginRefused(kind: Kind, fault: Fault, isOnce: boolean): Expectation {
  // The login itself is refused, at the host's own address: it is not shown again for a minute.
  if (kind.id === "login check") return failed("LOGIN_FAILED", 0);
  // What is refused with a token that was made for it is refused. Only with more scope there is another attempt.
  const isFinal = kind.isFirst && fault.id.includes("expired");
  if (isOnce && !isFinal) return copied(kind.effort === "optional" ? 0 : 1, 1);
  const attempts = isFinal ? 0 : 1;
  // Who may not look finds nothing, and the copy decides. What is optional is left.
  const isLook = kind.id === "target manifest, HEAD" || kind.id === "target child, HEAD";
  if (isLook || kind.effort === "optional" || kind.id === "upload, status") return copied(0, 1);
  // A token that another request got meanwhile is tried as well.
  return failed("REGISTRY_DENIED", attempts, attempts + 1);
}

function brokenBody(kind: Kind, code: FailureCode, fault: Fault, isOnce: boolean): Expectation {
  switch (kind.body) {
    case "blob":
      if (fault.id.startsWith("401")) return isOnce ? copied(2) : failed("REGISTRY_DENIED", 2);
      // Another size than the manifest's is seen before the first byte.
      if (fault.effect.kind === "broken body" && fault.id.startsWith("length")) return wrongSize(isOnce);
      return isOnce ? copied(1) : failed(code, 5);
    case "grant":
      return isOnce ? copied(1) : failed(code, ...retries);
    case "manifest":
    case "names":
    case "referrers":
      return isOnce ? copied(1) : failed(code, 2);
    case "refusal":
    case "nothing":
      return copied(0); // the status says enough
  }
}

/** Content that is whole and wrong is asked for once more. */
function wrongBody(kind: Kind, fault: Fault, isOnce: boolean): Expectation {
  const isShort = fault.id.startsWith("too short");
  const isLong = fault.id.startsWith("a byte too many");
  switch (kind.body) {
    case "manifest":
      return isOnce ? copied(1) : failed("DIGEST_MISMATCH", 2);
    case "blob":
      // Twice: the first byte, and five times the rest.
      if (isShort) return isOnce ? copied(1) : failed("SIZE_MISMATCH", 11);
      return isOnce ? copied(1) : failed(isLong ? "SIZE_MISMATCH" : "DIGEST_MISMATCH", 1);
    case "grant":
      return isOnce ? copied(1) : failed("LOGIN_FAILED", 1);
    case "names":
    case "referrers":
      return isOnce ? copied(1) : failed("REGISTRY_ANSWER_INVALID", 2);
    case "refusal":
    case "nothing":
      return copied(0);
  }
}

function wrongSize(isOnce: boolean): Expectation {
  return isOnce ? copied(1) : failed("SIZE_MISMATCH", 1);
}

function lie(kind: Kind, about: (Effect & { kind: "lie" })["about"], isOnce: boolean): Expectation {
  switch (about) {
    case "digest":
      return wrongDigest(kind, isOnce);
    case "type":
      if (kind.id === "source manifest, HEAD") return { outcome: "skipped", extra: [0, 0] };
      // A page that is no index is the answer of a registry without the API.
      if (kind.body === "manifest") return failed("MANIFEST_INVALID", 0);
      return copied(0);
    case "encoding":
      return failed(kind.body === "grant" ? "REGISTRY_ANSWER_INVALID" : "REGISTRY_ANSWER_INVALID", 0);
    case "length":
      // The size that HEAD tells decides nothing but whether a blob is there, and this one is not.
      if (kind.method === "HEAD") return copied(0);
      return wrongBody(kind, { id: kind.body === "blob" ? "a byte too many" : "" } as Fault, isOnce);
  }
}

function wrongDigest(kind: Kind, isOnce: boolean): Expectation {
  if (kind.id === "target child, HEAD") return copied(0);
  if (kind.method === "PUT") {
    if (kind.effort === "session") return isOnce ? copied(1) : failed("DIGEST_MISMATCH", 1);
    return failed("DIGEST_MISMATCH", 0);
  }
  return copied(0);
}

function isUpload({ effort, id }: Kind): boolean {
  return effort === "piece" || id === "upload, status" || id.startsWith("mount");
}

function redirected(kind: Kind, leads: "somewhere" | "nowhere", fault: Fault, isOnce: boolean): Expectation {
  // An upload that was led elsewhere goes on there.
  if (leads === "somewhere") return copied(1, isUpload(kind) ? 10 : 1);
  const isOptional = kind.effort === "optional" && kind.id !== "login check";
  if (isOptional || kind.id === "upload, status") return copied(0, 10);
  if (kind.effort === "piece") return isOnce ? copied(1) : failed("REDIRECT_REFUSED", 10, 120);
  if (fault.id === "redirect in circles") return isOnce ? copied(1) : failed("REDIRECT_REFUSED", 10);
  return failed("REDIRECT_REFUSED", 0);
}

/** What the registry lied about is found missing when something refers to it. */
function notStored(kind: Kind, isOnce: boolean): Expectation {
  // Nothing refers to a tag: that it is not there is seen by the next run, which the case has too.
  if (kind.id === "tag, PUT" || kind.id.startsWith("list of referrers")) return copied(0);
  // What was said to be mounted and is missing is sent.
  if (kind.id.startsWith("mount")) return copied(0);
  return isOnce ? copied(1) : failed("TARGET_INCOMPLETE", 1);
}
