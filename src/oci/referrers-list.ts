import { Failure } from "../base/failure.ts";
import { algorithmOf, type Digest, hexOf } from "./digest.ts";
import type { Manifest } from "./manifest.ts";
import { mediaTypes } from "./media-type.ts";

/** A tag that should hold a list of referrers holds something else, which is not overwritten. */
class NoReferrersList extends Failure {
  readonly code = "MANIFEST_INVALID";

  constructor(list: Manifest) {
    super(`the list of referrers cannot be kept: its tag names ${list.digest}, which is of type ${list.mediaType}`);
  }
}

/**
 * The tag under which a place without the referrers API lists what refers to a manifest.
 *
 * Spec: registry-protocol.md §1.11.
 */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject).slice(0, 32)}-${hexOf(subject).slice(0, 64)}`;
}

/**
 * A list of referrers with one more in it, or `undefined` when it is there already. `list` is what the tag names now.
 *
 * The bytes are those regclient would write; what stood in the list stays as it was. Throws `MANIFEST_INVALID`.
 */
export function withReferrer(list: Manifest | undefined, referrer: Manifest): Uint8Array | undefined {
  if (list !== undefined && !isReferrersList(list)) throw new NoReferrersList(list);
  const before: readonly { readonly digest: Digest }[] = list?.body.manifests ?? [];
  if (before.some(({ digest }) => digest === referrer.digest)) return undefined;
  const document: object = list === undefined ? emptyList : JSON.parse(Buffer.from(list.bytes).toString("utf8"));
  const listed: readonly unknown[] =
    "manifests" in document && Array.isArray(document.manifests) ? document.manifests : [];
  return Buffer.from(JSON.stringify({ ...document, manifests: [...listed, describe(referrer)] }));
}

/** Whether a manifest found under a subject's tag can be a list of what refers to it. */
export function isReferrersList(list: Manifest): list is Manifest & { readonly body: { readonly kind: "index" } } {
  return list.mediaType === mediaTypes.ociIndex;
}

const emptyList = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };

function describe({ mediaType, digest, bytes, body }: Manifest): object {
  const artifactType = body.artifactType || (body.kind === "image" ? body.config.mediaType : "");
  const annotations = Object.entries(body.annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ...(artifactType === "" ? {} : { artifactType }),
  };
}
