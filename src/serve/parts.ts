import type { Clock } from "../base/clock.ts";
import type { HealthPolicy } from "../base/health-policy.ts";
import type { ListenAddress } from "../base/listen-address.ts";
import type { Secret } from "../base/secret.ts";
import type { Exposition } from "../observe/exposition.ts";
import type { Log } from "../observe/log.ts";
import type { ServerControls, ServerStatus } from "../observe/server-status.ts";

/** A certificate with those that vouch for it, and its key, both in PEM. */
export interface TlsPair {
  readonly certPem: string;
  readonly keyPem: Secret;
}

/** What answers go by; it may change while the listener is there. */
export interface ListenerRules {
  /** `undefined` lets everybody read and nobody write. */
  readonly token: Secret | undefined;
  readonly health: HealthPolicy;
  /**
   * A copy that moves no byte for so long, in milliseconds, is stuck. Longer than anything that a registry can make us
   * wait for: its being down must not end this process.
   */
  readonly copyStallMs: number;
}

/** What the operations listener is made of. */
export interface ListenerParts extends ListenerRules {
  readonly address: ListenAddress;
  /** `undefined` speaks plain HTTP. */
  readonly tls: TlsPair | undefined;
  readonly status: ServerStatus;
  readonly controls: ServerControls;
  readonly metrics: Exposition;
  /** Of this program, for the description of the API. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}
