import type { Clock } from "./base/clock.ts";
import { messageOf } from "./base/failure.ts";
import type { ListenAddress } from "./base/listen-address.ts";
import { buildInfo } from "./cli/build-info.ts";
import type { Plan } from "./config/plan.ts";
import type { Exposition } from "./observe/exposition.ts";
import type { Log } from "./observe/log.ts";
import type { ServerControls, ServerStatus } from "./observe/server-status.ts";
import { usualTimeLimits } from "./registry/transport/time-limits.ts";
import { type Listener, startListener } from "./serve/listener.ts";
import type { ListenerRules, TlsPair } from "./serve/parts.ts";

/** Whom the listener asks. */
export interface Listened {
  readonly server: ServerStatus & ServerControls;
  readonly metrics: Exposition;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts to listen as a plan says. Throws `LISTEN_FAILED` and `TLS_INVALID`. */
export async function listenAt(
  address: ListenAddress,
  plan: Plan,
  { server, metrics, clock, log }: Listened,
): Promise<Listener> {
  return await startListener({
    ...rulesOf(plan),
    address,
    tls: plan.server.tls,
    status: server,
    controls: server,
    metrics,
    version: buildInfo.vcsTag,
    clock,
    log,
  });
}

/**
 * Has the listener follow later plans: who may do what, what is healthy, and the certificate. Says of what is left, the
 * address and whether it speaks TLS, that it takes a new start.
 */
export function followPlans(listener: Listener, first: Plan, log: Log): (plan: Plan) => void {
  let before = first.server;
  let used = first.server.tls;
  return (plan) => {
    const { server } = plan;
    listener.useRules(rulesOf(plan));
    if (server.tls !== undefined && used !== undefined && pairText(server.tls) !== pairText(used)) {
      used = server.tls;
      try {
        listener.useCertificate(server.tls);
      } catch (failure) {
        log.error("New certificate of the listener cannot be used", { error: messageOf(failure) });
      }
    }
    if (server.listen !== before.listen || (server.tls === undefined) !== (before.tls === undefined)) {
      log.warn("Where the server listens, and whether it speaks TLS, change only when it is started again");
    }
    before = server;
  };
}

function rulesOf({ server: { token, failOn }, timeLimits }: Plan): ListenerRules {
  // What registries can make us wait for without a byte, and as much again: their being down is not ours.
  const waits = [
    timeLimits.stallMs ?? usualTimeLimits.stallMs,
    timeLimits.headersMs ?? usualTimeLimits.headersMs,
    timeLimits.commitMs ?? usualTimeLimits.commitMs,
  ];
  return { token, health: failOn, copyStallMs: 2 * Math.max(...waits) };
}

function pairText({ certPem, keyPem }: TlsPair): string {
  return `${certPem}\n${keyPem.reveal()}`;
}
