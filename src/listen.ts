import type { Clock } from "./base/clock.ts";
import { messageOf } from "./base/failure.ts";
import type { ListenAddress } from "./base/listen-address.ts";
import { buildInfo } from "./cli/build-info.ts";
import type { Plan, PlannedServer } from "./config/plan.ts";
import type { Exposition } from "./observe/exposition.ts";
import type { Log } from "./observe/log.ts";
import type { ServerControls, ServerStatus } from "./observe/server-status.ts";
import { usualTimeLimits } from "./registry/transport/time-limits.ts";
import { type Listener, startListener } from "./serve/listener.ts";

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
  { server: settings, timeLimits }: Plan,
  { server, metrics, clock, log }: Listened,
): Promise<Listener> {
  const { tls, token, failOn } = settings;
  // What registries can make us wait for without a byte, and as much again: their being down is not ours.
  const waits = [
    timeLimits.stallMs ?? usualTimeLimits.stallMs,
    timeLimits.headersMs ?? usualTimeLimits.headersMs,
    timeLimits.commitMs ?? usualTimeLimits.commitMs,
  ];
  return await startListener({
    address,
    tls,
    token,
    health: failOn,
    status: server,
    controls: server,
    metrics,
    version: buildInfo.vcsTag,
    copyStallMs: 2 * Math.max(...waits),
    clock,
    log,
  });
}

/** Gives the listener the certificate of later plans; says what else of them it follows only after a new start. */
export function followSettings(listener: Listener, first: PlannedServer, log: Log): (settings: PlannedServer) => void {
  let before = first;
  return (settings) => {
    const { tls } = settings;
    if (tls !== undefined && before.tls !== undefined && pairText(tls) !== pairText(before.tls)) {
      try {
        listener.useCertificate(tls);
      } catch (failure) {
        log.error("New certificate of the listener cannot be used", { error: messageOf(failure) });
      }
    }
    if (lastingText(settings) !== lastingText(before)) {
      log.warn("Settings of the listener change only when the server is started again");
    }
    before = settings;
  };
}

function pairText({ certPem, keyPem }: NonNullable<PlannedServer["tls"]>): string {
  return `${certPem}\n${keyPem.reveal()}`;
}

function lastingText({ listen, token, tls, failOn }: PlannedServer): string {
  return JSON.stringify([listen, token?.reveal(), tls === undefined, failOn]);
}
