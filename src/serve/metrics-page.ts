import type { Clock } from "../base/clock.ts";
import type { Exposition, ExpositionForm } from "../observe/exposition.ts";
import type { Route } from "./route.ts";

/** A page that is made within this many milliseconds is made anew for everybody. */
const quickMs = 5;

const mediaTypes: Readonly<Record<ExpositionForm, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** `/metrics`, in the form that is asked for. Spec: operations.md §1. */
export function metricsRoute(exposition: Exposition, clock: Clock): Route {
  const pages = new Pages(exposition, clock);
  return {
    method: "GET",
    path: "/metrics",
    access: "read",
    answer: async ({ accept }) => {
      const form = preferredForm(accept);
      return {
        status: 200,
        mediaType: mediaTypes[form],
        headers: { vary: "accept" },
        body: await pages.bytes(form),
      };
    },
  };
}

/**
 * Pages of metrics, each given to all who ask for it while it is being made, and for as long again as that took: with
 * thousands of series that is a tenth of a second, and however many ask, every other one is left for everything else.
 */
class Pages {
  readonly #exposition: Exposition;
  readonly #clock: Clock;
  readonly #good = new Map<ExpositionForm, Promise<Uint8Array>>();

  constructor(exposition: Exposition, clock: Clock) {
    this.#exposition = exposition;
    this.#clock = clock;
  }

  bytes(form: ExpositionForm): Promise<Uint8Array> {
    return this.#good.get(form) ?? this.#make(form);
  }

  #make(form: ExpositionForm): Promise<Uint8Array> {
    const begunAtMs = this.#clock.monotonic();
    const page = this.#exposition.text(form).then((text) => Buffer.from(text));
    this.#good.set(form, page);
    const forget = (): void => void this.#good.delete(form);
    const made = (): void => {
      const tookMs = this.#clock.monotonic() - begunAtMs;
      if (tookMs < quickMs) forget();
      else this.#clock.after(tookMs, forget);
    };
    page.then(made, forget);
    return page;
  }
}

/** OpenMetrics for whoever prefers it to plain text; Prometheus' own text for everybody else. */
export function preferredForm(accept: string): ExpositionForm {
  const wish = { openmetrics: 0, text: 0 };
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = Number(/^q=([\d.]+)$/.exec(parameters.find((each) => each.startsWith("q=")) ?? "q=1")?.[1] ?? 0);
    const version = parameters.find((each) => each.startsWith("version="))?.slice("version=".length);
    if (type === "application/openmetrics-text" && isKnown(version)) {
      wish.openmetrics = Math.max(wish.openmetrics, quality);
    }
    if (type === "text/plain") wish.text = Math.max(wish.text, quality);
  }
  return wish.openmetrics > 0 && wish.openmetrics >= wish.text ? "openmetrics" : "prometheus";
}

/** Version 0.0.1 is what drafts were called, and is written in the same way. */
function isKnown(version: string | undefined): boolean {
  return version === undefined || version === "1.0.0" || version === "0.0.1";
}
