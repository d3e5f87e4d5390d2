import { loadPlan } from "../../src/config/load.ts";
import { planWorld } from "./plan-world.ts";

/** What a configuration file that somebody wrote is expected to come to. */
export interface CorpusExpectation {
  readonly result: "loads" | "refused";
  /** Entries, and how many of them are refused; absent when the whole file is. */
  readonly entries?: number;
  readonly refusedEntries?: number;
  /** `severity path: message`, with `*` for positions in lists, and every place (`line:column`) it is said about. */
  readonly complaints: Readonly<Record<string, string>>;
}

/** Loads a file in a world in which every variable has a value that may be part of a reference. */
export function describeCorpusFile(name: string, text: string): CorpusExpectation {
  const variables = [...text.matchAll(/env\s+\\?"([^"\\]+)/g)].map(([, variable = ""]) => variable);
  const values = variables.map((variable) => [variable, variable.toLowerCase().replaceAll("_", "-")]);
  const result = loadPlan(text, name, planWorld(Object.fromEntries(values)));
  const places: Record<string, string> = {};
  for (const { severity, path, message, line, column } of result.kind === "loaded"
    ? result.plan.complaints
    : result.complaints) {
    const what = `${severity} ${path.replace(/\[[0-9]+\]/g, "[*]")}: ${message}`;
    places[what] = places[what] === undefined ? `${line}:${column}` : `${places[what]} ${line}:${column}`;
  }
  if (result.kind === "refused") return { result: "refused", complaints: places };
  const refusedEntries = result.plan.entries.filter(({ kind }) => kind === "refused").length;
  return { result: "loads", entries: result.plan.entries.length, refusedEntries, complaints: places };
}
