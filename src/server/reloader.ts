import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted, messageOf } from "../base/failure.ts";
import type { Plan } from "../config/plan.ts";
import type { Log } from "../observe/log.ts";
import type { Counter, Gauge, Metrics } from "../observe/metrics.ts";
import type { ReloadResult } from "../observe/server-status.ts";

/** A file that was read and can be used. */
export interface LoadedConfig {
  readonly plan: Plan;
  /** Of the file's text, hexadecimal. */
  readonly hash: string;
  /** Of what the logins in other files were when it was read: what Docker's configuration holds, for example. */
  readonly loginsHash: string;
}

/** Reads the file, parses and checks it. Rejects with a `Failure` when it cannot be used, `INTERRUPTED` at the end. */
export type LoadConfig = () => Promise<LoadedConfig>;

/** What a new plan changes, in entries. */
export interface PlanChange {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Whether anything else is different: logins, numbers, the shutdown. */
  readonly others: boolean;
}

/** What a reloader needs. */
export interface ReloaderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly load: LoadConfig;
  /** Goes over to a plan. Rejects with `INTERRUPTED` when it is too late for another one. */
  readonly apply: (config: LoadedConfig) => Promise<PlanChange>;
}

/** Reads the configuration again, one attempt at a time; the plan in use stays when the new one cannot be used. */
export class Reloader {
  readonly #parts: ReloaderParts;
  readonly #reloads: Counter<"result">;
  readonly #successful: Gauge<never>;
  readonly #successTime: Gauge<never>;
  readonly #info: Gauge<"hash">;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<ReloadResult> | undefined;
  #current: { readonly hash: string; readonly loadedMs: number };
  #rejected: string | undefined;

  constructor(first: LoadedConfig, parts: ReloaderParts) {
    const { metrics, clock } = parts;
    this.#parts = parts;
    this.#reloads = metrics.counter({
      name: "regsync_config_reloads_total",
      help: "Attempts to read the configuration again, by what came of it",
      labels: ["result"],
    });
    const ok = { name: "regsync_config_last_reload_successful", help: "Whether the last attempt worked", labels: [] };
    this.#successful = metrics.gauge(ok);
    const name = "regsync_config_last_reload_success_timestamp_seconds";
    this.#successTime = metrics.gauge({
      name,
      help: "When a configuration was last read that can be used",
      labels: [],
    });
    const help = "The configuration in use, by a hash of the file";
    this.#info = metrics.gauge({ name: "regsync_config_info", help, labels: ["hash"] });
    for (const result of ["reloaded", "unchanged", "rejected"]) this.#reloads.add(0, { result });
    this.#current = { hash: first.hash, loadedMs: clock.now() };
    this.#took(first.hash);
  }

  /** As the status shows it. */
  get config(): { readonly hash: string; readonly loadedMs: number; readonly rejected: string | undefined } {
    return { ...this.#current, rejected: this.#rejected };
  }

  /** Reads the file again. Asked while it does, it does so once more afterwards, for all who asked meanwhile. */
  reload(): Promise<ReloadResult> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    this.#last = this.#next;
    return this.#next;
  }

  async #begin(): Promise<ReloadResult> {
    const result = await this.#attempt();
    if (result.kind === "stopping") return result;
    this.#reloads.add(1, { result: result.kind });
    this.#successful.set(result.kind === "rejected" ? 0 : 1, {});
    return result;
  }

  async #attempt(): Promise<ReloadResult> {
    const { load, apply, log } = this.#parts;
    let config: LoadedConfig;
    let change: PlanChange;
    try {
      config = await load();
      change = await apply(config);
    } catch (failure) {
      if (failure instanceof Interrupted) return { kind: "stopping" }; // which says nothing of the file
      const message = messageOf(failure);
      this.#rejected = message;
      log.error("Configuration cannot be used, the one before it goes on", {
        error: message,
        ...(failure instanceof Failure ? { code: failure.code } : {}),
      });
      return { kind: "rejected", message };
    }
    this.#rejected = undefined;
    this.#took(config.hash);
    const { added, removed, changed, others } = change;
    if (added + removed + changed === 0 && !others) {
      log.debug("Configuration is unchanged");
      return { kind: "unchanged" };
    }
    log.info("Configuration reloaded", { added, removed, changed });
    return { kind: "reloaded", added, removed, changed };
  }

  #took(hash: string): void {
    const { clock } = this.#parts;
    if (hash !== this.#current.hash) this.#info.remove({ hash: this.#current.hash });
    this.#current = { hash, loadedMs: clock.now() };
    this.#info.set(1, { hash });
    this.#successful.set(1, {});
    this.#successTime.set(clock.now() / 1_000, {});
  }
}
