import type { Failure } from "../base/failure.ts";
import { escapeUnprintable } from "../observe/printable.ts";
import type { RunReport } from "../sync/outcome.ts";
import { countOf } from "./quantities.ts";

/**
 * What failed, one line each, for who looks only at the end of the output. The same failure of several images (a
 * password that a host refuses) is one line that says of how many. Spec: regsync.md §1.3.
 */
export function failureLines(report: RunReport): string[] {
  const byMessage = new Map<string, { readonly failure: Failure; readonly names: string[] }>();
  const add = (failure: Failure, name: string): void => {
    const same = byMessage.get(failure.message);
    if (same === undefined) byMessage.set(failure.message, { failure, names: [name] });
    else same.names.push(name);
  };
  for (const { entry, failure } of report.failures) add(failure, `sync[${entry}]`);
  for (const { source, target, outcome } of report.images) {
    if (outcome.kind === "failed") add(outcome.failure, `${source} -> ${target}`);
  }
  return [...byMessage.values()].map(({ failure, names: [first = "", ...others] }) => {
    const more = others.length === 0 ? "" : ` (and ${countOf(others.length, "other")})`;
    // A refused entry's message names each place itself.
    const subject = failure.code === "CONFIG_INVALID" ? "" : `${first}: `;
    return printableLines(`${subject}${failure.message}${more}`, "  ");
  });
}

/** A text with nothing but line ends in it that a terminal might obey. Lines after the first are indented by `indent`. */
export function printableLines(text: string, indent = ""): string {
  return text.split("\n").map(escapeUnprintable).join(`\n${indent}`);
}
