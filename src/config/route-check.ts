import { isSetRepository, parseReference, type Reference } from "../oci/reference.ts";
import { registryName } from "../oci/registry-name.ts";
import type { EffectiveEntry } from "./effective.ts";
import { type EntryReport, readOr } from "./entry-report.ts";
import { explainForeignNotation } from "./foreign-notation.ts";
import type { EntryRoute } from "./plan.ts";

const sides = ["source", "target"] as const;
type Side = (typeof sides)[number];

const missing: Readonly<Record<Side, string>> = {
  source: "is missing; write source: and where the images come from",
  target: "is missing; write target: and where the images go",
};

/** What an entry mirrors, and to where; `undefined` when it does not say, after its faults were reported. */
export function readRoute(entry: EffectiveEntry, report: EntryReport): EntryRoute | undefined {
  for (const side of sides) if (entry[side] === "") report.fault([side], missing[side]);
  switch (entry.type) {
    case "image":
      return both(entry, report, imageReference, (source, target) => ({ kind: "image", source, target }));
    case "repository":
      return both(entry, report, repositoryReference, (source, target) => ({ kind: "repository", source, target }));
    case "registry":
      return both(entry, report, registryPlace, (source, target) => ({ kind: "registry", source, target }));
    case "":
      report.fault(["type"], "is missing; write type: image, repository or registry");
      return undefined;
    default:
      report.fault(["type"], `${JSON.stringify(entry.type)} is no type; write image, repository or registry`);
      return undefined;
  }
}

/** Reads both sides, so that the faults of both are reported. */
function both<T>(
  entry: EffectiveEntry,
  report: EntryReport,
  read: (text: string, side: Side, refuse: (message: string) => void) => T | undefined,
  route: (source: T, target: T) => EntryRoute,
): EntryRoute | undefined {
  const [source, target] = sides.map((side) => {
    const text = entry[side];
    const refuse = (message: string): void => report.fault([side], explainForeignNotation(text) ?? message);
    return text === "" ? undefined : read(text, side, refuse);
  });
  return source === undefined || target === undefined ? undefined : route(source, target);
}

function imageReference(text: string, _: Side, refuse: (message: string) => void): Reference | undefined {
  const reference = readOr(() => parseReference(text), refuse);
  if (reference === undefined || isSetRepository(reference)) return reference;
  refuse(`${JSON.stringify(text)} cannot be read or written; write ocidir:// for an OCI layout on disk`);
  return undefined;
}

/** Tags are written behind the text, which therefore must not have one. Spec: regsync.md §5.3. */
function repositoryReference(text: string, side: Side, refuse: (message: string) => void): Reference | undefined {
  const reference = imageReference(text, side, refuse);
  if (reference === undefined || isReference(`${text}:latest`)) return reference;
  const suffix = reference.digest === "" ? `:${reference.tag}` : `@${reference.digest}`;
  const bare = text.endsWith(suffix) ? text.slice(0, -suffix.length).replace(/:[^:/]*$/, "") : text;
  refuse(
    `${JSON.stringify(text)} names one image, and type: repository copies many; write ${JSON.stringify(bare)}, or type: image`,
  );
  return undefined;
}

/** A registry, or as a target a place below it. Repositories are written behind the text. Spec: regsync.md §4.3. */
function registryPlace(text: string, side: Side, refuse: (message: string) => void): string | undefined {
  const isLayout = text.startsWith("ocidir://");
  if (side === "source" && (isLayout || text.includes("/"))) {
    refuse(`${JSON.stringify(text)} is no registry; write its name alone, such as registry.example.com`);
    return undefined;
  }
  const example = readOr(() => parseReference(`${text}/name`), refuse);
  if (example === undefined) return undefined;
  const [host = ""] = text.split("/", 1);
  if (isLayout || registryName(host) === example.registry) return text;
  refuse(
    `${JSON.stringify(host)} is no registry: it needs a dot or a port; write it like registry.example.com or ${host}:443`,
  );
  return undefined;
}

function isReference(text: string): boolean {
  return (
    readOr(
      () => parseReference(text),
      () => undefined,
    ) !== undefined
  );
}
