import { asDigest, parseDigest } from "../oci/digest.ts";
import { type Manifest, manifestLimitBytes } from "../oci/manifest.ts";
import { acceptedManifests, bareMediaType, isVagueType } from "../oci/media-type.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import { readManifest } from "../oci/read-manifest.ts";
import type { ManifestHead, ManifestName, RateLimit } from "../oci/store.ts";
import { announcedDigest, contradicts } from "./announced-digest.ts";
import { AnswerTooLong, type Reply } from "./answer.ts";
import { isNotFound, isUnsupported, readDocument } from "./ask.ts";
import { ManifestTooLarge } from "./failures.ts";
import { readRateLimit } from "./rate-limit.ts";
import { type Question, question, type RepositoryAccess } from "./repository-access.ts";
import type { HostSettings } from "./settings.ts";

const accept = { accept: acceptedManifests.join(", ") };

/**
 * Asks which manifest a name stands for now, without downloading it unless the host leaves no other way.
 *
 * Returns `undefined` when the registry has no such manifest. A registry's word for the digest of a tag is good for
 * telling a change, and for nothing else. Throws `REGISTRY_STATUS`, `REGISTRY_DENIED` and whatever sending throws.
 * Spec: regsync.md §7.1, registry-protocol.md §1.6.
 */
export async function headManifest(
  access: RepositoryAccess,
  name: ManifestName,
  signal: AbortSignal,
): Promise<ManifestHead | undefined> {
  const head = access.host.disableHead ? "untold" : await askHead(access, name, signal);
  return head === "untold" ? headOf(await fetchManifest(access, name, signal)) : head;
}

/** What a HEAD tells; `"untold"` when it is not supported, or leaves the digest or the type open. */
async function askHead(
  access: RepositoryAccess,
  name: ManifestName,
  signal: AbortSignal,
): Promise<ManifestHead | undefined | "untold"> {
  try {
    await using reply = await access.read((host) => headQuestion(host, name), [200], signal);
    return announcedHead(reply, name);
  } catch (failure) {
    if (isNotFound(failure)) return undefined;
    if (isUnsupported(failure)) return "untold";
    throw failure;
  }
}

/** A manifest as it came, with what the host said about its quota. */
export interface FetchedManifest {
  readonly manifest: Manifest;
  readonly rateLimit: RateLimit | undefined;
}

/**
 * Downloads a manifest, verified against the digest that was asked for, or else the one that is announced.
 *
 * Returns `undefined` when the registry has no such manifest. Throws `MANIFEST_TOO_LARGE`, `MANIFEST_INVALID`,
 * `DIGEST_MISMATCH`, `DIGEST_INVALID` for a digest that could not be verified, and what `headManifest` throws.
 */
export async function fetchManifest(
  access: RepositoryAccess,
  name: ManifestName,
  signal: AbortSignal,
): Promise<FetchedManifest | undefined> {
  const asked = name.includes(":") ? parseDigest(name) : undefined;
  const get = question("GET", `manifests/${name}`, { headers: accept });
  try {
    return await readDocument(
      (unfit) => access.read(() => get, [200], signal, unfit),
      manifestLimitBytes,
      (bytes, reply) => ({
        manifest: readManifest(bytes, reply.header("content-type") ?? "", asked ?? announcedDigest(reply)),
        rateLimit: readRateLimit((header) => reply.header(header)),
      }),
    );
  } catch (failure) {
    if (isNotFound(failure)) return undefined;
    if (failure instanceof AnswerTooLong) throw new ManifestTooLarge(`${access.name}:${name}`, manifestLimitBytes);
    throw failure;
  }
}

/** Asks what a name stands for, in the way the host allows. */
export function headQuestion(host: HostSettings, name: ManifestName): Question {
  return question(host.disableHead ? "GET" : "HEAD", `manifests/${name}`, { headers: accept });
}

function announcedHead(reply: Reply, name: ManifestName): ManifestHead | "untold" {
  const asked = asDigest(name);
  const announced = announcedDigest(reply);
  if (asked !== undefined && announced !== undefined && contradicts(announced, asked)) {
    throw new DigestMismatch(asked, announced);
  }
  const digest = asked ?? announced;
  const mediaType = bareMediaType(reply.header("content-type") ?? "");
  if (digest === undefined || isVagueType(mediaType)) return "untold";
  const length = reply.header("content-length") ?? "";
  return {
    digest,
    mediaType,
    sizeBytes: /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    rateLimit: readRateLimit((header) => reply.header(header)),
  };
}

function headOf(fetched: FetchedManifest | undefined): ManifestHead | undefined {
  if (fetched === undefined) return undefined;
  const { digest, mediaType, bytes } = fetched.manifest;
  return { digest, mediaType, sizeBytes: bytes.byteLength, rateLimit: fetched.rateLimit };
}
