import { Failure, messageOf } from "../base/failure.ts";
import type { Descriptor } from "./descriptor.ts";
import { algorithmOf, asDigest, type Digest, digestOf } from "./digest.ts";
import type { Manifest, ManifestBody } from "./manifest.ts";
import { bareMediaType, isIndexType, isManifestType, isVagueType, mediaTypes } from "./media-type.ts";
import { DigestMismatch } from "./mismatch.ts";
import { asObject, fieldOf, listField, Misshapen, parseJson, type RawObject, textField, textMapField } from "./raw.ts";
import { readDescriptor } from "./read-descriptor.ts";
import { signedDigest } from "./schema1.ts";

/** A document that should be a manifest is none, or is of a kind that cannot be mirrored. */
export class ManifestInvalid extends Failure {
  readonly code = "MANIFEST_INVALID";
  /** Of the bytes as they came. */
  readonly digest: Digest;

  constructor(digest: Digest, reason: string, cause?: unknown) {
    super(`${digest} is no manifest that can be read: ${reason}`, { cause });
    this.digest = digest;
  }
}

/**
 * A manifest out of its bytes, verified against the digest that is expected.
 *
 * `announcedMediaType` is what a header or a descriptor calls it; when that says nothing (`""`, `application/json`),
 * the document decides. With `expected` left `undefined` the digest is sha256. Unknown fields are no matter.
 * Throws `DIGEST_MISMATCH`, and `MANIFEST_INVALID` for what is malformed, ambiguous or of an unknown kind.
 * Spec: regsync.md §7.2, registry-protocol.md §2.
 */
export function readManifest(bytes: Uint8Array, announcedMediaType: string, expected: Digest | undefined): Manifest {
  const algorithm = expected === undefined ? "sha256" : algorithmOf(expected);
  const rawDigest = digestOf(bytes, algorithm);
  // Only a signed schema 1 manifest may have another digest than its bytes.
  if (expected !== undefined && rawDigest !== expected && !mayBeSigned(announcedMediaType)) {
    throw new DigestMismatch(expected, rawDigest);
  }
  try {
    const document = asObject(parseJson(bytes), "the document");
    const mediaType = typeOf(document, bareMediaType(announcedMediaType));
    const signed = mediaType === mediaTypes.dockerSchema1Signed;
    const digest = signed && rawDigest !== expected ? signedDigest(bytes, document, algorithm) : rawDigest;
    if (expected !== undefined && digest !== expected) throw new DigestMismatch(expected, digest);
    return { digest, mediaType, bytes, body: readBody(document, mediaType) };
  } catch (thrown) {
    if (!(thrown instanceof Misshapen)) throw thrown;
    if (expected !== undefined && rawDigest !== expected) throw new DigestMismatch(expected, rawDigest);
    throw new ManifestInvalid(rawDigest, messageOf(thrown), thrown);
  }
}

function mayBeSigned(announcedMediaType: string): boolean {
  const announced = bareMediaType(announcedMediaType);
  return isVagueType(announced) || isSchema1(announced);
}

function isSchema1(mediaType: string): boolean {
  return mediaType === mediaTypes.dockerSchema1 || mediaType === mediaTypes.dockerSchema1Signed;
}

/** What the document is, when header and document agree. */
function typeOf(document: RawObject, announced: string): string {
  const declared = textField(document, "mediaType");
  if (isVagueType(announced)) return declared === "" ? guessedType(document) : known(declared);
  // Signed and unsigned schema 1 are one document with and without its signatures, and declare the same type.
  if (declared !== "" && declared !== announced && !(isSchema1(declared) && isSchema1(announced))) {
    throw new Misshapen(`it was announced as ${announced} and calls itself ${JSON.stringify(declared.slice(0, 200))}`);
  }
  return known(announced);
}

function known(mediaType: string): string {
  if (isManifestType(mediaType)) return mediaType;
  throw new Misshapen(`its type ${JSON.stringify(mediaType.slice(0, 200))} is unknown`);
}

/** The type of a document that nobody names, by its shape. */
function guessedType(document: RawObject): string {
  if (fieldOf(document, "schemaVersion") === 1) {
    const isSigned = listField(document, "signatures").length > 0;
    return isSigned ? mediaTypes.dockerSchema1Signed : mediaTypes.dockerSchema1;
  }
  if (fieldOf(document, "manifests") !== undefined) {
    const [first] = listField(document, "manifests");
    const child = first === undefined ? "" : textField(asObject(first, "manifests[0]"), "mediaType");
    return isDocker(child) ? mediaTypes.dockerList : mediaTypes.ociIndex;
  }
  if (fieldOf(document, "config") !== undefined) {
    const config = textField(asObject(fieldOf(document, "config"), "config"), "mediaType");
    return isDocker(config) ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  }
  throw new Misshapen("nothing says what it is");
}

function isDocker(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.docker.");
}

function readBody(document: RawObject, mediaType: string): ManifestBody {
  refuseAmbiguity(document, isIndexType(mediaType));
  const subject = fieldOf(document, "subject");
  const common = {
    annotations: textMapField(document, "annotations"),
    artifactType: textField(document, "artifactType"),
    subject: subject === undefined ? undefined : readDescriptor(subject, "subject"),
  };
  switch (mediaType) {
    case mediaTypes.ociIndex:
    case mediaTypes.dockerList:
      return { kind: "index", manifests: readDescriptors(document, "manifests"), ...common };
    case mediaTypes.ociArtifact:
      return { kind: "artifact", blobs: readDescriptors(document, "blobs"), ...common };
    case mediaTypes.dockerSchema1:
    case mediaTypes.dockerSchema1Signed:
      return { kind: "schema1", layers: listField(document, "fsLayers").map(readFsLayer), ...common };
    default: {
      const config = readDescriptor(fieldOf(document, "config"), "config");
      return { kind: "image", config, layers: readDescriptors(document, "layers"), ...common };
    }
  }
}

/** A document that two readers could take for two different images. Spec: CVE-2021-41190. */
function refuseAmbiguity(document: RawObject, isIndex: boolean): void {
  const others = ["config", "layers", "fsLayers", "blobs"].filter((name) => fieldOf(document, name) !== undefined);
  if (others.length > 0 && (isIndex || fieldOf(document, "manifests") !== undefined)) {
    throw new Misshapen(`it could be an index as well as an image: it has ${others.join(", ")}`);
  }
}

function readDescriptors(document: RawObject, name: string): readonly Descriptor[] {
  return listField(document, name).map((item, position) => readDescriptor(item, `${name}[${position}]`));
}

function readFsLayer(value: unknown, position: number): Descriptor {
  const what = `fsLayers[${position}]`;
  const digest = asDigest(textField(asObject(value, what), "blobSum"));
  if (digest === undefined) throw new Misshapen(`${what} has no digest that can be verified`);
  const nothing = { platform: undefined, annotations: {}, artifactType: "", urls: [], data: undefined };
  return { mediaType: "", digest, sizeBytes: undefined, ...nothing };
}
