import { isIndexType } from "../../../src/oci/media-type.ts";
import { algorithmOf, asDigest, type Digest, digestOf } from "../../../src/oci/digest.ts";
import type { StoredManifest, StoredRepository } from "./content.ts";
import type { Incoming } from "./exchange.ts";
import { created, refusal } from "./replies.ts";
import type { Reply } from "./reply.ts";

/** What a registry insists on when a manifest is put. */
export interface ManifestOptions {
  /** Larger ones are refused with 413. */
  readonly manifestLimitBytes?: number;
  /** A tag that exists keeps its manifest for good. */
  readonly immutableTags?: boolean;
}

/** A descriptor as it stands in JSON. */
export interface JsonDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly data?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Readonly<Record<string, unknown>>;
}

/** The parts of a manifest in JSON that a registry looks at. */
export interface JsonManifest {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config?: JsonDescriptor;
  readonly layers?: readonly JsonDescriptor[];
  readonly blobs?: readonly JsonDescriptor[];
  readonly manifests?: readonly JsonDescriptor[];
  readonly subject?: JsonDescriptor;
}

/** `GET` and `HEAD …/manifests/<reference>`. */
export function readManifest(repository: StoredRepository, reference: string): Reply {
  const digest = repository.resolve(reference);
  const manifest = digest && repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined) return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
  return {
    status: 200,
    headers: { "content-type": manifest.mediaType, "docker-content-digest": digest },
    body: manifest.bytes,
  };
}

/** `PUT …/manifests/<reference>`: everything it refers to must be there. */
export async function writeManifest(
  incoming: Incoming,
  name: string,
  repository: StoredRepository,
  reference: string,
  options: ManifestOptions,
  referrersApi: boolean,
): Promise<Reply> {
  const { request } = incoming;
  const bytes = await incoming.readBody();
  if (bytes.byteLength > (options.manifestLimitBytes ?? Number.POSITIVE_INFINITY)) {
    return refusal(413, "SIZE_INVALID", "manifest too large");
  }
  const named = asDigest(reference);
  const digest = digestOf(bytes, named === undefined ? "sha256" : algorithmOf(named));
  if (named !== undefined && named !== digest) {
    return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  }
  const mediaType = request.headers["content-type"] ?? "";
  const manifest = parse(bytes);
  if (manifest === undefined || (manifest.mediaType ?? mediaType) !== mediaType) {
    return refusal(400, "MANIFEST_INVALID", "manifest invalid");
  }
  const missing = missingIn(repository, manifest);
  if (missing !== undefined) return refusal(404, "MANIFEST_BLOB_UNKNOWN", `unknown to registry: ${missing}`);
  const tags = named === undefined ? [reference] : request.query.getAll("tag");
  const taken = tags.find((tag) => (repository.tags.get(tag) ?? digest) !== digest);
  if (options.immutableTags === true && taken !== undefined) {
    return refusal(409, "TAG_INVALID", `the tag ${taken} exists and the repository is immutable`);
  }
  repository.manifests.set(digest, { mediaType, bytes });
  for (const tag of tags) repository.tags.set(tag, digest);
  return created(name, "manifests", digest, reference, {
    ...(named !== undefined && tags.length > 0 ? { "oci-tag": tags.join(", ") } : {}),
    ...(referrersApi && manifest.subject !== undefined ? { "oci-subject": manifest.subject.digest } : {}),
  });
}

/** Descriptors of all manifests whose subject is this digest, as the referrers API lists them. */
export function referrersOf(repository: StoredRepository, subject: string): readonly JsonDescriptor[] {
  return [...repository.manifests].flatMap(([digest, stored]) => {
    const manifest = parse(stored.bytes);
    return manifest?.subject?.digest === subject ? [describe(digest, stored, manifest)] : [];
  });
}

/**
 * The descriptor by which a list of referrers names a manifest. Spec: OCI distribution-spec v1.1, "Listing Referrers".
 */
function describe(digest: Digest, stored: StoredManifest, manifest: JsonManifest): JsonDescriptor {
  const inherited = isIndexType(stored.mediaType) ? undefined : manifest.config?.mediaType;
  const artifactType = manifest.artifactType ?? inherited;
  return {
    mediaType: stored.mediaType,
    digest,
    size: stored.bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}

function parse(bytes: Uint8Array): JsonManifest | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonManifest; // tests put what they mean to put
  } catch {
    return undefined;
  }
}

/** The digest of something a manifest refers to that is not there, or `undefined`. */
function missingIn(repository: StoredRepository, manifest: JsonManifest): string | undefined {
  const config = manifest.config === undefined ? [] : [manifest.config];
  const blobs = [...config, ...(manifest.layers ?? []), ...(manifest.blobs ?? [])];
  const local = blobs.filter(({ urls = [] }) => urls.length === 0);
  const blob = local.find(({ digest }) => !repository.blobs.has(digest as Digest)); // any text can be looked up
  const child = manifest.manifests?.find(({ digest }) => repository.resolve(digest) === undefined);
  return blob?.digest ?? child?.digest;
}
