import { durationMs, parseDuration } from "../base/duration.ts";
import { type HealthPolicy, parseHealthPolicy } from "../base/health-policy.ts";
import { parseListenAddress } from "../base/listen-address.ts";
import { Secret } from "../base/secret.ts";
import { goNil } from "../template/value.ts";
import type { EffectiveServer, EffectiveShutdown } from "./effective.ts";
import { readOr } from "./entry-report.ts";
import type { Expander } from "./expand.ts";
import type { Findings } from "./findings.ts";
import { nanoseconds } from "./inherit.ts";
import type { PlannedServer } from "./plan.ts";
import type { RawServer, RawShutdown } from "./raw.ts";

/** How long what is being copied may take to the end when a server stops: Kubernetes waits 30 s before it kills. */
const usualGraceMs = 25_000;
const usualPolicy: HealthPolicy = { kind: "anyStale" };

/** `server` with its templates expanded. */
export function completeServer({ listen = "", token, tls, health }: RawServer, expander: Expander): EffectiveServer {
  const secret = (text: string | undefined, path: readonly string[]): Secret | undefined => {
    const expanded = expander.expand(text ?? "", () => goNil, path, true) ?? "";
    return expanded === "" ? undefined : new Secret(expanded);
  };
  return {
    listen: expander.literal(listen, ["server", "listen"]),
    token: secret(token, ["server", "token"]),
    tls: {
      cert: expander.expand(tls?.cert ?? "", () => goNil, ["server", "tls", "cert"]) ?? "",
      key: secret(tls?.key, ["server", "tls", "key"]),
    },
    health: { failOn: health?.failOn ?? "" },
  };
}

/** `shutdown` as it was written. */
export function completeShutdown({ grace }: RawShutdown): EffectiveShutdown {
  return { grace: grace === undefined ? undefined : nanoseconds(grace) };
}

/** What a server is told; whatever cannot be used refuses the file: it would be missed when it is needed. */
export function planServer(
  raw: RawServer,
  server: EffectiveServer,
  { grace }: EffectiveShutdown,
  jitter: string,
  findings: Findings,
): PlannedServer {
  const { listen, token, tls, health } = server;
  if (listen !== "") {
    readOr(
      () => parseListenAddress(listen),
      (message) => findings.refuse(["server", "listen"], message),
    );
  }
  // Served without what was asked for, the API would be open or closed to everybody.
  if (token === undefined && (raw.token ?? "") !== "" && !findings.refused) {
    findings.refuse(["server", "token"], "comes out empty; is the variable set, or the file there?");
  }
  return {
    listen: listen || undefined,
    token,
    tls: planTls(raw, tls, findings),
    failOn:
      (health.failOn === ""
        ? undefined
        : readOr(
            () => parseHealthPolicy(health.failOn),
            (message) => findings.refuse(["server", "health", "failOn"], message),
          )) ?? usualPolicy,
    graceMs: grace === undefined ? usualGraceMs : Math.max(0, durationMs(grace)),
    jitterMs: readJitter(jitter, findings),
  };
}

function planTls(raw: RawServer, { cert, key }: EffectiveServer["tls"], findings: Findings): PlannedServer["tls"] {
  if (cert !== "" && key !== undefined) return { certPem: cert, keyPem: key };
  const isWanted = (raw.tls?.cert ?? "") !== "" || (raw.tls?.key ?? "") !== "";
  if (isWanted && !findings.refused) {
    const missing = cert === "" ? "cert" : "key";
    findings.refuse(
      ["server", "tls"],
      `${missing} is not there or comes out empty; TLS needs cert and key, such as '{{file "/tls/tls.crt"}}'`,
    );
  }
  return undefined;
}

/** Milliseconds; `undefined` leaves it to the interval. */
function readJitter(text: string, findings: Findings): number | undefined {
  if (text === "") return undefined;
  if (text === "off") return 0;
  const refuse = (message: string): void => findings.refuse(["defaults", "jitter"], `${message}, or "off"`);
  const jitter = readOr(() => parseDuration(text), refuse);
  return jitter === undefined ? undefined : Math.max(0, durationMs(jitter));
}
