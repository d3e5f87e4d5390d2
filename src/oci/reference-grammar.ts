/** A reference taken apart at its separators, nothing filled in. A piece whose separator is missing is `undefined`. */
export interface ReferencePieces {
  readonly registry: string | undefined;
  /** The repository, or the folder of a layout. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const repository = pathOf(/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*/);
const layoutPath = /^[A-Za-z0-9/_.~+ -]+$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const digest = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const host = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/;
const hexGroups = /^[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,7}$/;

/** Whether a registry could accept the text as a tag. Spec: regsync.md §4.1 `tag`. */
export function isTag(text: string): boolean {
  return tag.test(text);
}

/** Whether the text has the form of a digest, of any algorithm. Spec: regsync.md §4.1 `digest`. */
export function isDigestShaped(text: string): boolean {
  return digest.test(text);
}

/** Whether a registry could have a repository of this name. Spec: regsync.md §4.1 `repository`. */
export function isRepository(text: string): boolean {
  return repository.test(text);
}

/** Whether every piece is what a registry's reference may hold. Spec: regsync.md §4.1 `regref`. */
export function isImage(pieces: ReferencePieces): boolean {
  return repository.test(pieces.name) && suffixesFit(pieces);
}

/** Whether every piece is what a layout's reference may hold. Spec: regsync.md §4.1 `ocidir rest`. */
export function isLayout(pieces: ReferencePieces): boolean {
  return layoutPath.test(pieces.name) && suffixesFit(pieces);
}

/**
 * Takes `[registry/]repository[:tag][@digest]` apart. What stands before the first `/` is a registry if it looks like
 * one.
 */
export function splitImage(text: string): ReferencePieces {
  const slash = text.indexOf("/");
  const registry = slash < 0 ? undefined : text.slice(0, slash);
  if (registry === undefined || !isRegistry(registry)) return splitLayout(text);
  return splitLayout(text.slice(slash + 1), registry);
}

/** Takes `path[:tag][@digest]` apart, which may stand behind a registry. */
export function splitLayout(text: string, registry?: string): ReferencePieces {
  const at = text.indexOf("@");
  const head = at < 0 ? text : text.slice(0, at);
  const colon = head.indexOf(":");
  return {
    registry,
    name: colon < 0 ? head : head.slice(0, colon),
    tag: colon < 0 ? undefined : head.slice(colon + 1),
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

function suffixesFit({ tag, digest }: ReferencePieces): boolean {
  return (tag === undefined || isTag(tag)) && (digest === undefined || isDigestShaped(digest));
}

/** Spec: regsync.md §4.1 `registry`, and Corrections §4. A single plain label counts only with a port. */
function isRegistry(text: string): boolean {
  const port = /:[0-9]+$/.exec(text);
  const name = port === null ? text : text.slice(0, port.index);
  if (name.startsWith("[") && name.endsWith("]")) return isIpv6(name.slice(1, -1));
  if (!host.test(name)) return false;
  return port !== null || name.includes(".") || name === "localhost" || looksLikeHost(name);
}

/** Whether a label has an upper-case letter with no hyphen before it, or one with none behind it. */
function looksLikeHost(host: string): boolean {
  if (host.length < 2) return false;
  const words = host.split("-");
  return /[A-Z]/.test(words[0] ?? "") || /[A-Z]/.test(words.at(-1) ?? "");
}

/** Groups of hex digits, at most one `::`, and at least one group. */
function isIpv6(text: string): boolean {
  const sides = text.split("::");
  return (
    sides.length <= 2 &&
    text !== "::" &&
    sides.every((side) => (side === "" && sides.length === 2) || hexGroups.test(side))
  );
}

function pathOf(part: RegExp): RegExp {
  return new RegExp(`^${part.source}(?:/${part.source})*$`);
}
