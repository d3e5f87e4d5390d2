import { commonName, isSetRepository, parseReference, type Reference, withTag } from "../oci/reference.ts";
import { registryName } from "../oci/registry-name.ts";
import type { EffectiveEntry } from "./effective.ts";
import { type EntryReport, readOr } from "./entry-report.ts";
import { explainForeignNotation } from "./foreign-notation.ts";
import type { Path } from "./path.ts";
import type { EntryRoute } from "./plan.ts";

type Side = "source" | "target";

/** Where an entry mirrors to, as it is written. */
export function targetTexts({ target, targets }: EffectiveEntry): readonly string[] {
  return targets.length > 0 ? targets : [target];
}

/** What an entry mirrors, and to where; `undefined` when it does not say, after its faults were reported. */
export function readRoute(entry: EffectiveEntry, report: EntryReport): EntryRoute | undefined {
  reportMissing(entry, report);
  switch (entry.type) {
    case "image": {
      const sides = readSides(entry, report, imageReference, commonName);
      return sides && { kind: "image", ...sides };
    }
    case "repository": {
      const sides = readSides(entry, report, repositoryReference, (reference) => commonName(withTag(reference, "")));
      return sides && { kind: "repository", ...sides };
    }
    case "registry": {
      const sides = readSides(entry, report, registryPlace, (place) => commonName(parseReference(`${place}/name`)));
      return sides && { kind: "registry", ...sides };
    }
    case "":
      report.fault(["type"], "is missing; write type: image, repository or registry");
      return undefined;
    default:
      report.fault(["type"], `${JSON.stringify(entry.type)} is no type; write image, repository or registry`);
      return undefined;
  }
}

function reportMissing({ source, target, targets }: EffectiveEntry, report: EntryReport): void {
  if (source === "") report.fault(["source"], "is missing; write source: and where the images come from");
  if (target === "" && targets.length === 0)
    report.fault(["target"], "is missing; write target: and where the images go");
  if (target !== "" && targets.length > 0)
    report.fault(["targets"], "stands beside target; write either target: or targets: with all of them");
  for (const [position, text] of targets.entries())
    if (text === "") report.fault(["targets", position], "is empty; write where the images go, or remove the item");
}

/** Reads all sides, so that the faults of all are reported. Targets must differ from each other and from the source. */
function readSides<T>(
  entry: EffectiveEntry,
  report: EntryReport,
  read: (text: string, side: Side, refuse: (message: string) => void) => T | undefined,
  nameOf: (place: T) => string,
): { readonly source: T; readonly targets: readonly T[] } | undefined {
  const readOne = (text: string, side: Side, path: Path): T | undefined => {
    const refuse = (message: string): void => report.fault(path, explainForeignNotation(text) ?? message);
    return text === "" ? undefined : read(text, side, refuse);
  };
  const source = readOne(entry.source, "source", ["source"]);
  if (entry.targets.length === 0) {
    const target = readOne(entry.target, "target", ["target"]);
    return source === undefined || target === undefined ? undefined : { source, targets: [target] };
  }
  const places = new Map(source === undefined ? [] : [[nameOf(source), "source"]]);
  const targets: T[] = [];
  for (const [position, text] of entry.targets.entries()) {
    const target = readOne(text, "target", ["targets", position]);
    if (target === undefined) continue;
    const before = places.get(nameOf(target));
    if (before !== undefined)
      report.fault(["targets", position], `${JSON.stringify(text)} is the same place as ${before}; remove it`);
    places.set(nameOf(target), `targets[${position}]`);
    targets.push(target);
  }
  return source === undefined || targets.length < entry.targets.length ? undefined : { source, targets };
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
  if (reference === undefined || !namesImage(text)) return reference;
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

/** Whether a reference says which image is meant, by a tag or a digest. */
function namesImage(text: string): boolean {
  return text.includes(":", text.lastIndexOf("/") + 1);
}
