import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { type Content, StoredRepository } from "./fake-registry/content.ts";
import type { JsonDescriptor, JsonManifest } from "./fake-registry/manifests.ts";
import {
  type FixtureImage,
  type ImagePlatform,
  makeArtifact,
  makeImage,
  makeIndex,
  makeSbom,
  makeSignature,
  sbomType,
} from "./images.ts";
import { writeLayout } from "./layout-state.ts";

const amd64: ImagePlatform = { os: "linux", architecture: "amd64" };
const arm64: ImagePlatform = { os: "linux", architecture: "arm64" };
const armv7: ImagePlatform = { os: "linux", architecture: "arm", variant: "v7" };
const s390x: ImagePlatform = { os: "linux", architecture: "s390x" };

/** The images of the fixture, by what they are. Spec: regsync.md §11. */
export interface Fixture {
  /** Everything below under its tag, with the lists of referrers under their fallback tags. */
  readonly repository: StoredRepository;
  /** The same without the fallback tags, as a registry with the referrers API holds it. */
  readonly withoutLists: StoredRepository;
  /** Another repository, with more SBOMs of `v2`. */
  readonly external: StoredRepository;
  readonly v1: FixtureImage;
  readonly v2: FixtureImage;
  readonly v3: FixtureImage;
  /** SBOM and signature of `v2`. */
  readonly a1: FixtureImage;
  readonly a2: FixtureImage;
  /** SBOMs of `v2` that only the other repository has. */
  readonly externalSboms: readonly FixtureImage[];
  readonly child: FixtureImage;
  /** Lists `child`, and is a referrer of it. */
  readonly loop: FixtureImage;
  /** Two referrers of `v3` without tags. */
  readonly untagged: readonly FixtureImage[];
  /** The tag `sha256-<v1>.<short v3>.meta`. */
  readonly digestTag: string;
  /** The tag that is the digest of `mirror`, and names it. */
  readonly mirrorTag: string;
}

/** The repository that the behaviours of the original are tested on. Equal at every call. */
export function makeFixture(): Fixture {
  const b1 = makeMultiPlatform(11, [amd64, arm64]);
  const b2 = makeMultiPlatform(12, [amd64, arm64, armv7]);
  const b3 = makeMultiPlatform(13, [amd64, arm64, armv7, s390x]);
  const v1 = withAttestations(1, [amd64, arm64]);
  const v2 = withAttestations(2, [amd64, arm64, armv7]);
  const v3 = withAttestations(3, [amd64, arm64, armv7, s390x]);
  const a1 = makeSbom(v2.image);
  const a2 = makeSignature(v2.image);
  const a3 = makeArtifact({ artifactType: "application/example.notes", content: "stands alone" });
  const ai = makeIndex([a3, makeArtifact({ artifactType: "application/example.notes", content: "another" })]);
  const meta = makeArtifact({ artifactType: "application/example.meta", content: "about v1" });
  const mirror = makeIndex([makeImage({ seed: 51 })]);
  const child = makeImage({ seed: 61 });
  const loop = makeIndex([child], { subject: child });
  const untagged = ["first", "second"].map((content) =>
    makeArtifact({ artifactType: "application/example.untagged", subject: v3.image, content }),
  );
  const ofChildren = v2.children.map((subject) => makeSbom(subject));
  const externalSboms = ["scanner one", "scanner two"].map((content) =>
    makeArtifact({ artifactType: sbomType, subject: v2.image, content, annotations: { scanner: content } }),
  );
  const digestTag = `sha256-${hex(v1.image)}.${hex(v3.image).slice(0, 16)}.meta`;
  const mirrorTag = `sha256-${hex(mirror)}`;

  const withoutLists = new StoredRepository();
  const tagged = { v1: v1.image, v2: v2.image, v3: v3.image, b1, b2, b3, a1, a2, a3, ai, child, loop, mirror };
  for (const [tag, image] of Object.entries(tagged)) withoutLists.add(image, tag);
  withoutLists.add(meta, digestTag);
  withoutLists.add(mirror, mirrorTag);
  for (const image of [...untagged, ...ofChildren]) withoutLists.add(image);

  const elsewhere = new StoredRepository();
  for (const image of externalSboms) elsewhere.add(image);
  elsewhere.add(v2.image, "v2");

  return {
    repository: withFallbackLists(withoutLists),
    withoutLists,
    external: withFallbackLists(elsewhere),
    v1: v1.image,
    v2: v2.image,
    v3: v3.image,
    a1,
    a2,
    externalSboms,
    child,
    loop,
    untagged,
    digestTag,
    mirrorTag,
  };
}

/** The fallback tag that lists what refers to a digest. */
export function fallbackTagOf(digest: string): string {
  return digest.replace(":", "-");
}

/** The same content with the tag schema of registries that have no referrers API. Spec: distribution-spec v1.1. */
export function withFallbackLists(content: StoredRepository): StoredRepository {
  const repository = new StoredRepository();
  repository.add(content);
  for (const [tag, digest] of content.tags) repository.tags.set(tag, digest);
  for (const [tag, manifests] of referrersByTag(content)) {
    const mediaType = mediaTypes.ociIndex;
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    repository.add({ manifests: new Map([[digestOf(bytes), { mediaType, bytes }]]), blobs: new Map() }, tag);
  }
  return repository;
}

function referrersByTag({ manifests }: Content): ReadonlyMap<string, readonly JsonDescriptor[]> {
  const lists = new Map<string, JsonDescriptor[]>();
  for (const [digest, { mediaType, bytes }] of manifests) {
    const { subject, artifactType, annotations } = JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonManifest; // made by our own generators
    if (subject === undefined) continue;
    const tag = fallbackTagOf(subject.digest);
    const descriptor: JsonDescriptor = {
      mediaType,
      digest,
      size: bytes.byteLength,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
    };
    lists.set(tag, [...(lists.get(tag) ?? []), descriptor]);
  }
  return lists;
}

/** Writes a repository as an OCI layout: tagged manifests are listed under their tags, all others only as content. */
export async function writeRepositoryAsLayout(folder: string, repository: StoredRepository): Promise<void> {
  const manifests = [...repository.tags].map(([tag, digest]) => ({
    mediaType: repository.manifests.get(digest)?.mediaType,
    digest,
    size: repository.manifests.get(digest)?.bytes.byteLength,
    annotations: { "org.opencontainers.image.ref.name": tag },
  }));
  await writeLayout(folder, {
    ociLayout: JSON.stringify({ imageLayoutVersion: "1.0.0" }),
    index: JSON.stringify({ schemaVersion: 2, manifests }),
    blobs: new Map([
      ...repository.blobs,
      ...[...repository.manifests].map(([digest, { bytes }]) => [digest, bytes] as const),
    ]),
  });
}

function makeMultiPlatform(seed: number, platforms: readonly ImagePlatform[]): FixtureImage {
  return makeIndex(platforms.map((platform, position) => makeImage({ seed: seed * 100 + position, platform })));
}

/** An index of one image for each platform, and of two attestations as a build tool attaches them. */
function withAttestations(
  seed: number,
  platforms: readonly ImagePlatform[],
): { readonly image: FixtureImage; readonly children: readonly FixtureImage[] } {
  const children = platforms.map((platform, position) => makeImage({ seed: seed * 100 + position, platform }));
  const attestations = children
    .slice(0, 2)
    .map((subject, position) => attestationOf(subject, seed * 100 + 50 + position));
  return { image: makeIndex([...children, ...attestations]), children };
}

function attestationOf(subject: FixtureImage, seed: number): FixtureImage {
  const image = makeImage({ seed, layerBytes: [200], platform: { os: "unknown", architecture: "unknown" } });
  const annotations = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": subject.digest,
  };
  return { ...image, descriptor: { ...image.descriptor, annotations } };
}

function hex(image: FixtureImage): string {
  return image.digest.slice("sha256:".length);
}
