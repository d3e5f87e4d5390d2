import type { Exposition, ExpositionForm } from "../observe/exposition.ts";
import type { Route } from "./route.ts";

const mediaTypes: Readonly<Record<ExpositionForm, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** `/metrics`, in the form that is asked for. Spec: operations.md §1. */
export function metricsRoute(exposition: Exposition): Route {
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
        body: await exposition.text(form),
      };
    },
  };
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
