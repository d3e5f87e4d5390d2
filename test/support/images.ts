import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import type { Content, StoredManifest } from "./fake-registry/content.ts";
import type { JsonDescriptor, JsonManifest } from "./fake-registry/manifests.ts";

/** The platform of an image, as an index says it. */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
}

/** An image, an index or an artifact with all that belongs to it: for fake and real registries and for layouts. */
export interface FixtureImage extends Content {
  /** Of the manifest that stands for the whole. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** How an index or a subject names it. */
  readonly descriptor: JsonDescriptor;
}

/** What an image is made of. Equal options make equal bytes. */
export interface ImageOptions {
  /** Images with different seeds share no blob. */
  readonly seed: number;
  /** One layer of each size, in bytes; two small ones without this. */
  readonly layerBytes?: readonly number[];
  /** Layers before those, such as other images have too. */
  readonly baseLayers?: readonly Uint8Array[];
  readonly format?: "oci" | "docker";
  readonly platform?: ImagePlatform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: FixtureImage;
}

/** What an artifact is made of. */
export interface ArtifactOptions {
  readonly artifactType: string;
  /** What it is about; absent for an artifact that stands alone. */
  readonly subject?: FixtureImage;
  readonly content: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an index is made of, besides its children. */
export interface IndexOptions {
  readonly format?: "oci" | "docker";
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: FixtureImage;
}

const linux: ImagePlatform = { os: "linux", architecture: "amd64" };

const formats = {
  oci: {
    manifest: mediaTypes.ociManifest,
    index: mediaTypes.ociIndex,
    config: mediaTypes.ociConfig,
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    manifest: mediaTypes.dockerManifest,
    index: mediaTypes.dockerList,
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const;

/** Artifact types of what `makeSignature` and `makeSbom` make. */
export const signatureType = "application/vnd.dev.cosign.artifact.sig.v1+json";
export const sbomType = "application/spdx+json";

/** An image of one platform. */
export function makeImage(options: ImageOptions): FixtureImage {
  const { seed, layerBytes = [1_000, 300], baseLayers = [], format = "oci", platform = linux } = options;
  const types = formats[format];
  const layers = [...baseLayers, ...layerBytes.map((size, position) => makeBytes(seed * 1_000 + position, size))];
  const configBytes = Buffer.from(JSON.stringify({ ...platform, config: { Labels: { seed: String(seed) } } }));
  return assemble(
    {
      mediaType: types.manifest,
      config: describeBlob(types.config, configBytes),
      layers: layers.map((layer) => describeBlob(types.layer, layer)),
      ...subjectOf(options.subject),
      ...annotationsOf(options.annotations),
    },
    [configBytes, ...layers],
    [],
    { platform: { ...platform } },
  );
}

/** An index of images (or of indexes), or a Docker manifest list. */
export function makeIndex(children: readonly FixtureImage[], options: IndexOptions = {}): FixtureImage {
  return assemble(
    {
      mediaType: formats[options.format ?? "oci"].index,
      manifests: children.map((child) => child.descriptor),
      ...subjectOf(options.subject),
      ...annotationsOf(options.annotations),
    },
    [],
    children,
  );
}

/** An image manifest that carries something else than an image. */
export function makeArtifact(options: ArtifactOptions): FixtureImage {
  const content = Buffer.from(options.content);
  const empty = Buffer.from("{}");
  return assemble(
    {
      mediaType: mediaTypes.ociManifest,
      artifactType: options.artifactType,
      config: { ...describeBlob(mediaTypes.ociEmpty, empty), data: empty.toString("base64") },
      layers: [describeBlob(options.artifactType, content)],
      ...subjectOf(options.subject),
      ...annotationsOf(options.annotations),
    },
    [empty, content],
    [],
    { artifactType: options.artifactType },
  );
}

/** A signature of an image, attached to it as a referrer. */
export function makeSignature(subject: FixtureImage): FixtureImage {
  return makeArtifact({ artifactType: signatureType, subject, content: `signature of ${subject.digest}` });
}

/** A list of what is in an image, attached to it as a referrer. */
export function makeSbom(subject: FixtureImage): FixtureImage {
  const content = JSON.stringify({ spdxVersion: "SPDX-2.3", name: subject.digest });
  return makeArtifact({ artifactType: sbomType, subject, content });
}

/** An image for each of these platforms, in one index. */
export function makeMultiPlatformImage(seed: number, platforms: readonly ImagePlatform[]): FixtureImage {
  return makeIndex(platforms.map((platform, position) => makeImage({ seed: seed * 100 + position, platform })));
}

/** Everything of several images, those that come first first. */
function allOf(...contents: readonly Content[]): Content {
  return {
    manifests: new Map(contents.flatMap(({ manifests }) => [...manifests])),
    blobs: new Map(contents.flatMap(({ blobs }) => [...blobs])),
  };
}

/** Bytes that look random, the same for the same seed. */
export function makeBytes(seed: number, sizeBytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  for (let at = 0; at < words.length; at += 1) {
    // xorshift32: it comes back to its start only after all other words.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

function assemble(
  manifest: JsonManifest,
  blobs: readonly Uint8Array[],
  children: readonly FixtureImage[],
  extra: Partial<JsonDescriptor> = {},
): FixtureImage {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...manifest }));
  const digest = digestOf(bytes);
  const mediaType = manifest.mediaType ?? "";
  const own: StoredManifest = { mediaType, bytes };
  const below = allOf(...children);
  return {
    digest,
    mediaType,
    bytes,
    descriptor: { mediaType, digest, size: bytes.byteLength, ...extra },
    manifests: new Map([...below.manifests, [digest, own]]),
    blobs: new Map([...below.blobs, ...blobs.map((blob) => [digestOf(blob), blob] as const)]),
  };
}

function describeBlob(mediaType: string, bytes: Uint8Array): JsonDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

function subjectOf(subject: FixtureImage | undefined): Pick<JsonManifest, "subject"> {
  if (subject === undefined) return {};
  const { mediaType, digest, size } = subject.descriptor;
  return { subject: { mediaType, digest, size } };
}

function annotationsOf(annotations: Readonly<Record<string, string>> | undefined): Pick<JsonManifest, "annotations"> {
  return annotations === undefined ? {} : { annotations };
}
