import { type Failure, Interrupted } from "../base/failure.ts";
import { LingeringController } from "../base/lingering.ts";
import { algorithmOf, type Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import { type ManifestName, TargetIncomplete } from "../oci/store.ts";
import { announcedDigest, contradicts } from "./announced-digest.ts";
import { RegistryAnswerInvalid } from "./failures.ts";
import { headQuestion } from "./manifests.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";
import { refusalOf } from "./status.ts";

/** How long a manifest that is being put may take when everything stops, in milliseconds: half a PUT has an end too. */
const puttingLimitMs = 5_000;

/** Waits before a manifest is put again whose content the host does not see yet, in milliseconds. */
const visibilityWaitsMs = [1_000, 2_000];

/**
 * Writes a manifest under a tag or its digest, byte for byte.
 *
 * 201 is success. 200, 202 and 204 are answers of a few registries and also of things that are none: they count when
 * the registry names the digest, there or on being asked. A tag that may not be changed but names the manifest
 * already is success too. A request that is under way is not broken off by the signal at once: its content is there
 * already, and a moment later so is the image. Throws `TargetIncomplete` when the host goes on missing content,
 * `DIGEST_MISMATCH` when it stored something else. Spec: registry-protocol.md §1.9, §7.6.
 */
export async function putManifest(
  access: RepositoryAccess,
  name: ManifestName,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const isThere = (): Promise<boolean> => isAlready(access, name, manifest, signal);
  try {
    if (await isTaggedByDigest(access, name, manifest, signal)) return;
    const { status, stored } = await sendPatiently(access, name, manifest, signal);
    if (status === 201 || stored !== undefined || (await isThere())) return;
    const { url } = access.requestTo(question("PUT", `manifests/${name}`));
    throw new RegistryAnswerInvalid("PUT", url, `status ${status}, and the manifest is not there`);
  } catch (failure) {
    const status = refusalOf(failure)?.status ?? 0;
    const mayBeImmutable = !name.includes(":") && [400, 403, 405, 409, 412].includes(status);
    if (isContentMissing(failure)) throw new TargetIncomplete(failure.message, { cause: failure });
    if (mayBeImmutable && (await isThere())) return;
    throw failure;
  }
}

interface Stored {
  readonly status: number;
  /** The digest the registry names, or `undefined`. */
  readonly stored: Digest | undefined;
  /** The tags it says that it wrote besides the name in the path. */
  readonly tags: readonly string[];
}

/**
 * Whether a tag was written together with the digest. Put under a tag alone, a manifest gets whatever digest the registry
 * uses, which is SHA-256: any other has to be said. A registry that does not know how leaves the tag to be put.
 */
async function isTaggedByDigest(
  access: RepositoryAccess,
  name: ManifestName,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<boolean> {
  const { digest } = manifest;
  if (name.includes(":") || algorithmOf(digest) === "sha256") return false;
  try {
    const { tags } = await sendPatiently(access, `${digest}?tag=${name}`, manifest, signal);
    return tags.includes(name);
  } catch (failure) {
    if (refusalOf(failure) === undefined || isContentMissing(failure)) throw failure;
    return false;
  }
}

/** Sends the manifest, again after a while when the host does not see its content yet. */
async function sendPatiently(
  access: RepositoryAccess,
  place: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Stored> {
  for (const waitMs of visibilityWaitsMs) {
    try {
      return await sendManifest(access, place, manifest, signal);
    } catch (failure) {
      if (!isContentMissing(failure)) throw failure;
    }
    await access.clock.sleep(waitMs, signal);
  }
  return await sendManifest(access, place, manifest, signal);
}

/** Throws `DIGEST_MISMATCH` when the registry names another digest than the manifest's. */
async function sendManifest(
  access: RepositoryAccess,
  place: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Stored> {
  const body = { kind: "bytes", bytes: manifest.bytes, mediaType: manifest.mediaType } as const;
  const request = access.requestTo(question("PUT", `manifests/${place}`, { body }));
  if (signal.aborted) throw new Interrupted(signal.reason);
  using putting = new LingeringController(signal, puttingLimitMs, access.clock);
  await using reply = await access.ask(request, [200, 201, 202, 204], putting.signal);
  const stored = announcedDigest(reply);
  if (stored !== undefined && contradicts(stored, manifest.digest)) throw new DigestMismatch(manifest.digest, stored);
  const tags = (reply.header("oci-tag") ?? "").split(",").map((tag) => tag.trim());
  return { status: reply.status, stored, tags };
}

/** Whether the registry itself says that the name stands for this manifest. A failure to tell is a no. */
async function isAlready(
  access: RepositoryAccess,
  name: ManifestName,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<boolean> {
  if (access.host.disableHead) return false;
  try {
    await using reply = await access.ask(access.requestTo(headQuestion(access.host, name)), [200], signal);
    return announcedDigest(reply) === manifest.digest;
  } catch (failure) {
    if (signal.aborted) throw failure;
    return false;
  }
}

/** The host misses blobs or children that the manifest names. */
function isContentMissing(failure: unknown): failure is Failure {
  const codes = refusalOf(failure)?.codes ?? [];
  return codes.includes("MANIFEST_BLOB_UNKNOWN") || codes.includes("BLOB_UNKNOWN");
}
