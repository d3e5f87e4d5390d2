import { Failure } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { readManifest } from "../oci/read-manifest.ts";
import { isReferrersList, referrersTag, withReferrer } from "../oci/referrers-list.ts";
import { fetchManifest } from "./manifests.ts";
import { putManifest } from "./put-manifest.ts";
import type { RepositoryAccess } from "./repository-access.ts";

/** The list of referrers cannot be kept: its tag stands for something else. */
class FallbackTagTaken extends Failure {
  readonly code = "MANIFEST_INVALID";

  constructor(repository: string, tag: string) {
    super(`${repository}:${tag} should list the referrers of an image and is no such list; it was left alone`);
  }
}

/**
 * What the fallback tag lists; `undefined` when there is no such tag, or it stands for something else: one registry
 * takes it for the subject itself. Throws what `fetchManifest` throws. Spec: registry-protocol.md §1.11.
 */
export async function readFallback(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  const list = (await fetchManifest(access, referrersTag(subject), signal))?.manifest;
  return list !== undefined && isListFor(subject, list) && list.body.kind === "index" ? list.body.manifests : undefined;
}

/**
 * Adds a manifest to the list of its subject's referrers, unless it is there.
 *
 * Throws `MANIFEST_INVALID` rather than overwrite what is no such list. Callers see to it that a list is only changed
 * by one of them at a time. Spec: registry-protocol.md §1.11.
 */
export async function addToFallback(
  access: RepositoryAccess,
  subject: Digest,
  referrer: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const tag = referrersTag(subject);
  const list = (await fetchManifest(access, tag, signal))?.manifest;
  if (list !== undefined && !isListFor(subject, list)) throw new FallbackTagTaken(access.name, tag);
  const bytes = withReferrer(list, referrer);
  if (bytes === undefined) return;
  await putManifest(access, tag, readManifest(bytes, mediaTypes.ociIndex, undefined), signal);
}

function isListFor(subject: Digest, manifest: Manifest): boolean {
  return isReferrersList(manifest) && manifest.digest !== subject;
}
