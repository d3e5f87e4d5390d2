import { isImage, isLayout, splitImage, splitLayout } from "./reference-grammar.ts";
import { badImage, badLayout, unknownScheme } from "./reference-invalid.ts";
import { dockerHub, registryName } from "./registry-name.ts";

/** Where an image is, as people write it. Spec: regsync.md §4. */
export interface Reference {
  readonly scheme: "reg" | "ocidir" | "ocifile";
  /** The text it was parsed from. */
  readonly text: string;
  /** Registry name (`docker.io`), or `""` for a path. */
  readonly registry: string;
  readonly repository: string;
  /** `""` when there is none. */
  readonly tag: string;
  /** Any `algorithm:hex` text, not verified here; `""` when there is none. */
  readonly digest: string;
  /** The folder of an OCI layout, or `""`. */
  readonly path: string;
}

/**
 * Reads `[registry/]repository[:tag][@digest]` or `ocidir://folder[:tag][@digest]`, and fills in what people leave
 * out: Docker Hub, its `library/`, and the tag `latest` for a registry's image with neither tag nor digest.
 *
 * Throws `REFERENCE_INVALID`. Takes time linear in the text. Spec: regsync.md §4.
 */
export function parseReference(text: string): Reference {
  const scheme = /^([a-z]+):\/\/(.+)$/.exec(text);
  if (scheme !== null) return parseLayout(text, scheme[1] ?? "", scheme[2] ?? "");
  const pieces = splitImage(text);
  if (!isImage(pieces)) throw badImage(text);
  if (pieces.registry === undefined && pieces.name === "localhost") throw badImage(text);
  const registry = registryName(pieces.registry ?? dockerHub);
  return {
    scheme: "reg",
    text,
    registry,
    repository: registry === dockerHub && !pieces.name.includes("/") ? `library/${pieces.name}` : pieces.name,
    tag: pieces.tag ?? (pieces.digest === undefined ? "latest" : ""),
    digest: pieces.digest ?? "",
    path: "",
  };
}

function parseLayout(text: string, scheme: string, rest: string): Reference {
  if (scheme !== "ocidir" && scheme !== "ocifile") throw unknownScheme(text, scheme, rest);
  const pieces = splitLayout(rest);
  if (!isLayout(pieces)) throw badLayout(text, pieces);
  return {
    scheme,
    text,
    registry: "",
    repository: "",
    tag: pieces.tag ?? "",
    digest: pieces.digest ?? "",
    path: pieces.name,
  };
}

/**
 * The reference written out in full: `docker.io/library/alpine:latest`, `ocidir://folder:tag`. `""` for one that
 * names no place, and for `ocifile`. Spec: regsync.md §4.2 "common name".
 */
export function commonName(ref: Reference): string {
  if (!isSetRepository(ref)) return "";
  const place = ref.scheme === "reg" ? `${ref.registry}/${ref.repository}` : `ocidir://${ref.path}`;
  return place + (ref.tag === "" ? "" : `:${ref.tag}`) + (ref.digest === "" ? "" : `@${ref.digest}`);
}

/** The same place with another tag and no digest. The tag is taken as it is: see `isTag`. */
export function withTag(ref: Reference, tag: string): Reference {
  return renamed({ ...ref, tag, digest: "" });
}

/** The same place with another digest and no tag. The digest is taken as it is. */
export function withDigest(ref: Reference, digest: string): Reference {
  return renamed({ ...ref, tag: "", digest });
}

/** The same place and tag with another digest. The digest is taken as it is. */
export function addDigest(ref: Reference, digest: string): Reference {
  return renamed({ ...ref, digest });
}

/**
 * A layout's reference turned into one of the registry `localhost`, with its folder as the repository. Others stay
 * as they are. Spec: regsync.md §3.1 `ToReg`.
 */
export function toReg(ref: Reference): Reference {
  if (ref.scheme !== "ocidir") return ref;
  const repository = cleanPath(ref.path)
    .toLowerCase()
    .replace(/[^/a-z0-9]+/g, "-");
  return { ...ref, scheme: "reg", registry: "localhost", repository };
}

/** Whether it names an image: a repository with a tag or a digest, or a layout. Spec: regsync.md §3.1 `IsSet`. */
export function isSet(ref: Reference): boolean {
  return isSetRepository(ref) && (ref.scheme !== "reg" || ref.tag !== "" || ref.digest !== "");
}

/** Whether it names a repository or a layout. Spec: regsync.md §3.1 `IsSetRepo`. */
export function isSetRepository(ref: Reference): boolean {
  if (ref.scheme === "reg") return ref.registry !== "" && ref.repository !== "";
  return ref.scheme === "ocidir" && ref.path !== "";
}

function renamed(ref: Reference): Reference {
  return { ...ref, text: commonName(ref) };
}

/** A path without `.`, `..` and empty parts, as seen from a root that has nothing above it. */
function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return kept.join("/");
}
