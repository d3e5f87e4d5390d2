import type { EntryRoute } from "../config/plan.ts";
import { CopyMetrics } from "../copy/copy-metrics.ts";
import type { Counter, Metrics } from "../observe/metrics.ts";
import type { Reference } from "../oci/reference.ts";
import type { EntryReport } from "./entry.ts";
import { errorClasses, errorClassOf } from "./error-class.ts";
import type { Outcome } from "./outcome.ts";

const results = [
  "copied",
  "refreshed",
  "unchanged",
  "skipped_mediatype",
  "skipped_exists",
  "would_copy",
  "failed",
] as const;

type ImageCounted = (typeof results)[number];

/** What is counted of images, and of waiting for quotas. Spec: operations.md §3. */
export class SyncMetrics {
  readonly copies: CopyMetrics;
  readonly #images: Counter<"step" | "result">;
  readonly #errors: Counter<"step" | "class">;
  readonly #waits: Counter<"host">;
  readonly #waitSeconds: Counter<"host">;

  constructor(metrics: Metrics) {
    this.copies = new CopyMetrics(metrics);
    this.#images = metrics.counter({
      name: "regsync_images_total",
      help: "Images that were looked at, by what became of them",
      labels: ["step", "result"],
    });
    this.#errors = metrics.counter({
      name: "regsync_errors_total",
      help: "Failures of images and of entries as a whole, by their kind",
      labels: ["step", "class"],
    });
    this.#waits = metrics.counter({
      name: "regsync_ratelimit_waits_total",
      help: "Times that an image waited for the quota of its source",
      labels: ["host"],
    });
    this.#waitSeconds = metrics.counter({
      name: "regsync_ratelimit_wait_seconds_total",
      help: "Time that images waited for the quota of their source",
      labels: ["host"],
    });
  }

  /** Shows everything about an entry and its hosts at zero, so that the first failure is a rise. */
  show(step: string, route: EntryRoute): void {
    for (const host of hostsOf(route)) {
      this.copies.show(host);
      this.#waits.add(0, { host });
      this.#waitSeconds.add(0, { host });
    }
    for (const result of results) this.#images.add(0, { step, result });
    for (const kind of errorClasses) this.#errors.add(0, { step, class: kind });
  }

  /** Shows nothing of an entry any more: it is not in the file. */
  forget(step: string): void {
    for (const result of results) this.#images.remove({ step, result });
    for (const kind of errorClasses) this.#errors.remove({ step, class: kind });
  }

  /** The report of an entry's run, which is counted on its way. */
  counted(step: string, report: EntryReport): EntryReport {
    return {
      due: (target) => report.due(target),
      image: (result) => {
        this.#image(step, result.outcome);
        report.image(result);
      },
      failed: (failure) => {
        this.#failed(step, failure);
        report.failed(failure);
      },
    };
  }

  /** An image waited for the quota of its source. */
  waited(host: string, forMs: number): void {
    this.#waits.add(1, { host });
    this.#waitSeconds.add(forMs / 1_000, { host });
  }

  #image(step: string, outcome: Outcome): void {
    const isStopped = outcome.kind === "failed" && !this.#failed(step, outcome.failure);
    if (!isStopped) this.#images.add(1, { step, result: resultOf(outcome) });
  }

  /** Whether it counts as a failure: what was stopped does not. */
  #failed(step: string, failure: unknown): boolean {
    const kind = errorClassOf(failure);
    if (kind === undefined) return false;
    this.#errors.add(1, { step, class: kind });
    return true;
  }
}

/** What the sides are called where hosts are counted; folders are one host. */
function hostsOf(route: EntryRoute): readonly string[] {
  if (route.kind === "registry") return [route.source, ...route.targets].map((name) => name.split("/", 1)[0] ?? name);
  const hostOf = ({ scheme, registry }: Reference): string => (scheme === "reg" ? registry : scheme);
  return [route.source, ...route.targets].map(hostOf);
}

function resultOf(outcome: Outcome): ImageCounted {
  switch (outcome.kind) {
    case "copied":
      return outcome.reason.kind === "absent" || outcome.reason.kind === "differs" ? "copied" : "refreshed";
    case "skipped":
      return outcome.reason.kind === "mediaType" ? "skipped_mediatype" : "skipped_exists";
    case "stale":
      return "would_copy";
    case "unchanged":
    case "failed":
      return outcome.kind;
  }
}
