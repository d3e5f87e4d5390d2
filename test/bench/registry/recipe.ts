import { createHash } from "node:crypto";
import { type Digest, digestOf, parseDigest } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-type.ts";
import type { StoredManifest } from "../../support/fake-registry/content.ts";
import { type FixtureImage, makeBytes, makeImage, makeIndex, makeSignature } from "../../support/images.ts";

/** What a source is filled with. Equal recipes make equal bytes. */
export type Recipe =
  /** Repositories `r0`, `r1` …, each with tags `t0`, `t1` … of images with two small layers of their own. */
  | { readonly kind: "small"; readonly repositories: number; readonly tags: number }
  /** The same, each image an index of so many platforms. */
  | { readonly kind: "platforms"; readonly tags: number; readonly platforms: number }
  /** The same in one repository, each image signed. */
  | { readonly kind: "signed"; readonly tags: number }
  /** So many tags of one repository that name only few images: to have many without making many. */
  | { readonly kind: "names"; readonly tags: number; readonly images: number }
  /** Repositories with one tag each: one layer that all share, and one of their own. */
  | {
      readonly kind: "shared";
      readonly repositories: number;
      readonly sharedBytes: number;
      readonly ownBytes: number;
    }
  /** One tag of an image with so many layers of this size. */
  | { readonly kind: "layers"; readonly layers: number; readonly layerBytes: number };

/** A blob that need not be in memory as a whole. */
export interface BlobContent {
  readonly sizeBytes: number;
  /** The pieces it is sent in. Nobody may change them. */
  readonly pieces: Iterable<Uint8Array>;
}

/** What one repository holds. */
export interface SeededRepository {
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Set<Digest>;
}

/** What a recipe makes: repositories by name, and the blobs of all of them. */
export interface Seed {
  readonly repositories: ReadonlyMap<string, SeededRepository>;
  readonly blobs: ReadonlyMap<Digest, BlobContent>;
}

const mebibyte = 1024 * 1024;

/** Makes what a recipe says. */
export function makeSeed(recipe: Recipe): Seed {
  const repositories = new Map<string, SeededRepository>();
  const blobs = new Map<Digest, BlobContent>();
  const add = (name: string, tag: string, image: FixtureImage, ...others: readonly FixtureImage[]): void => {
    const repository = repositories.get(name) ?? emptyRepository();
    repositories.set(name, repository);
    for (const { manifests, blobs: own } of [image, ...others]) {
      for (const [digest, manifest] of manifests) repository.manifests.set(digest, manifest);
      for (const [digest, bytes] of own) {
        repository.blobs.add(digest);
        blobs.set(digest, { sizeBytes: bytes.byteLength, pieces: [bytes] });
      }
    }
    repository.tags.set(tag, image.digest);
  };
  switch (recipe.kind) {
    case "small":
      for (let repository = 0; repository < recipe.repositories; repository++) {
        for (let tag = 0; tag < recipe.tags; tag++) {
          add(`r${repository}`, `t${tag}`, makeImage({ seed: repository * recipe.tags + tag + 1 }));
        }
      }
      break;
    case "platforms":
      for (let tag = 0; tag < recipe.tags; tag++) {
        const images = Array.from({ length: recipe.platforms }, (_, position) =>
          makeImage({
            seed: tag * recipe.platforms + position + 1,
            platform: { os: "linux", architecture: "arm", variant: `v${position}` },
          }),
        );
        add("r0", `t${tag}`, makeIndex(images));
      }
      break;
    case "signed":
      for (let tag = 0; tag < recipe.tags; tag++) {
        const image = makeImage({ seed: tag + 1 });
        add("r0", `t${tag}`, image, makeSignature(image));
      }
      break;
    case "names": {
      const images = Array.from({ length: recipe.images }, (_, position) => makeImage({ seed: position + 1 }));
      for (let tag = 0; tag < recipe.tags; tag++) {
        const image = images[tag % images.length];
        if (image !== undefined) add("r0", `t${tag}`, image);
      }
      break;
    }
    case "shared":
      for (let repository = 0; repository < recipe.repositories; repository++) {
        addLayered(repositories, blobs, `r${repository}`, [
          layer(0, recipe.sharedBytes),
          layer(repository + 1, recipe.ownBytes),
        ]);
      }
      break;
    case "layers": {
      const layers = Array.from({ length: recipe.layers }, (_, position) => layer(position, recipe.layerBytes));
      addLayered(repositories, blobs, "r0", layers);
    }
  }
  return { repositories, blobs };
}

/** A repository with nothing in it. */
export function emptyRepository(): SeededRepository {
  return { manifests: new Map(), tags: new Map(), blobs: new Set() };
}

/** Bytes of all distinct blobs. */
export function uniqueBytes(seed: Seed): number {
  return [...seed.blobs.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

interface Layer {
  readonly digest: Digest;
  readonly content: BlobContent;
}

/** One image of these layers under the tag `t0`. */
function addLayered(
  repositories: Map<string, SeededRepository>,
  blobs: Map<Digest, BlobContent>,
  name: string,
  layers: readonly Layer[],
): void {
  const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: { name } } }));
  const configDigest = digestOf(config);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: configDigest, size: config.byteLength },
      layers: layers.map(({ digest, content }) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        digest,
        size: content.sizeBytes,
      })),
    }),
  );
  const repository = emptyRepository();
  blobs.set(configDigest, { sizeBytes: config.byteLength, pieces: [config] });
  repository.blobs.add(configDigest);
  for (const { digest, content } of layers) {
    blobs.set(digest, content);
    repository.blobs.add(digest);
  }
  const digest = digestOf(manifest);
  repository.manifests.set(digest, { mediaType: mediaTypes.ociManifest, bytes: manifest });
  repository.tags.set("t0", digest);
  repositories.set(name, repository);
}

const common = Buffer.from(makeBytes(1, mebibyte));
/** The state of the hash after so many of the common pieces, the largest layer so far. */
const hashed = { pieces: 0, hash: createHash("sha256") };

/** A layer that begins like every other and ends like none: one piece of memory serves for all, and one hash. */
function layer(number: number, sizeBytes: number): Layer {
  const pieces = Math.ceil(sizeBytes / mebibyte) - 1;
  const tail = Buffer.from(makeBytes(number + 2, sizeBytes - pieces * mebibyte));
  if (hashed.pieces > pieces) Object.assign(hashed, { pieces: 0, hash: createHash("sha256") });
  for (; hashed.pieces < pieces; hashed.pieces++) hashed.hash.update(common);
  const digest = parseDigest(`sha256:${hashed.hash.copy().update(tail).digest("hex")}`);
  return {
    digest,
    content: { sizeBytes, pieces: [...Array.from({ length: pieces }, () => common), tail] },
  };
}
