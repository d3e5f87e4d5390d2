import { createHash } from "node:crypto";
import type { Counter, Gauge, Histogram, Metrics } from "../observe/metrics.ts";
import type { RateLimit } from "../oci/store.ts";
import type { Traffic } from "./host-traffic.ts";
import { methodsOf, type Operation } from "./operation.ts";
import type { HostSettings, Login } from "./settings.ts";

/** Hosts that have series of their own; all further ones share those of `other`. */
const mostHosts = 500;

const codes = ["2xx", "3xx", "4xx", "5xx", "error"] as const;
const repeatReasons = ["throttled", "unavailable", "stalled", "unreachable"] as const;
const tokenResults = ["granted", "refused", "failed"] as const;

/** The class of an answer's status; `error` when there was no answer. */
export type CodeClass = (typeof codes)[number];

/** Why a request is sent once more. */
export type RepeatReason = (typeof repeatReasons)[number];

/** What became of asking for a token. */
export type TokenResult = (typeof tokenResults)[number];

/** From the request to the answer's headers; an upload is answered when it is through. In seconds. */
const durationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted of the requests to registries. Spec: operations.md §3. */
export class ClientMetrics {
  readonly #requests: Counter<"host" | "method" | "op" | "code">;
  readonly #durations: Histogram<"host" | "op">;
  readonly #repeats: Counter<"host" | "reason">;
  readonly #tokens: Counter<"host" | "result">;
  readonly #limit: Gauge<"host" | "account">;
  readonly #remaining: Gauge<"host" | "account">;
  readonly #concurrency: Gauge<"host">;
  readonly #inflight: Gauge<"host">;
  readonly #metrics: Metrics;
  readonly #hosts = new Set<string>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#requests = metrics.counter({
      name: "regsync_http_client_requests_total",
      help: "Requests that were sent to registries, repetitions and redirects included",
      labels: ["host", "method", "op", "code"],
    });
    this.#durations = metrics.histogram(
      {
        name: "regsync_http_client_request_duration_seconds",
        help: "Time from sending a request to the headers of its answer",
        labels: ["host", "op"],
      },
      durationBuckets,
    );
    this.#repeats = metrics.counter({
      name: "regsync_http_client_retries_total",
      help: "Requests that were sent once more because the answer may be another one",
      labels: ["host", "reason"],
    });
    this.#tokens = metrics.counter({
      name: "regsync_token_refresh_total",
      help: "Tokens that were asked for",
      labels: ["host", "result"],
    });
    const account = ["host", "account"] as const;
    this.#limit = metrics.gauge({
      name: "regsync_ratelimit_limit",
      help: "Pulls that a host allows in its period, as it said last",
      labels: account,
    });
    this.#remaining = metrics.gauge({
      name: "regsync_ratelimit_remaining",
      help: "Pulls that a host says are left",
      labels: account,
    });
    this.#concurrency = metrics.gauge({
      name: "regsync_host_concurrency",
      help: "Requests that a host gets at once at most, as it bears them",
      labels: ["host"],
    });
    this.#inflight = metrics.gauge({
      name: "regsync_host_inflight",
      help: "Requests and transfers that occupy a host now",
      labels: ["host"],
    });
  }

  /** Shows everything about a host at zero, so that its first failure is a rise. */
  show(name: string): void {
    if (this.#hosts.has(name) || this.#hosts.size === mostHosts) return;
    this.#hosts.add(name);
    const labels = { host: name };
    for (const [op, methods] of Object.entries(methodsOf)) {
      for (const method of methods) for (const code of codes) this.#requests.add(0, { ...labels, method, op, code });
    }
    for (const reason of repeatReasons) this.#repeats.add(0, { ...labels, reason });
    for (const result of tokenResults) this.#tokens.add(0, { ...labels, result });
  }

  /** One request was answered, or failed. */
  exchanged(host: string, method: string, op: Operation, code: CodeClass, durationMs: number): void {
    const label = this.#labelOf(host);
    this.#requests.add(1, { host: label, method, op, code });
    this.#durations.observe(durationMs / 1_000, { host: label, op });
  }

  repeated(host: string, reason: RepeatReason): void {
    this.#repeats.add(1, { host: this.#labelOf(host), reason });
  }

  token(host: string, result: TokenResult): void {
    this.#tokens.add(1, { host: this.#labelOf(host), result });
  }

  quota({ name, login }: HostSettings, { limit, remaining }: RateLimit): void {
    const labels = { host: this.#labelOf(name), account: accountOf(login) };
    this.#limit.set(limit, labels);
    this.#remaining.set(remaining, labels);
  }

  /** Shows how much each host bears and gets, looked up whenever somebody reads; until disposed. */
  watch(traffic: Traffic): Disposable {
    const reading = this.#metrics.beforeReading(() => {
      for (const [name, { slots }] of this.#widths(traffic)) {
        this.#concurrency.set(slots.width, { host: name });
        this.#inflight.set(slots.taken, { host: name });
      }
    });
    return {
      [Symbol.dispose]: () => {
        reading[Symbol.dispose]();
        for (const [host] of this.#widths(traffic)) {
          this.#concurrency.remove({ host });
          this.#inflight.remove({ host });
        }
      },
    };
  }

  *#widths(traffic: Traffic) {
    for (const [name, { width }] of traffic.hosts()) if (this.#hosts.has(name)) yield [name, width] as const;
  }

  #labelOf(host: string): string {
    this.show(host);
    return this.#hosts.has(host) ? host : "other";
  }
}

/** Tells accounts apart without naming them: two of one host have quotas of their own. */
function accountOf(login: Login): string {
  switch (login.kind) {
    case "anonymous":
      return "anonymous";
    case "password":
      return createHash("sha256").update(login.user).digest("hex").slice(0, 8);
    case "identityToken":
      return "token";
    case "helper":
      return "helper";
  }
}
