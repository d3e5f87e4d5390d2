import type { Digest } from "../../src/oci/digest.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { type FixtureImage, makeImage, makeIndex, makeSignature } from "../support/images.ts";

/** The image that every fault is aimed at: an index of two images, one with a layer that takes several pieces. */
const amd64 = makeImage({ seed: 1, layerBytes: [300_000, 2_000] });
const arm64 = makeImage({ seed: 2, layerBytes: [1_000], platform: { os: "linux", architecture: "arm64" } });
const app = makeIndex([amd64, arm64]);

/** An image with a signature that refers to it. */
const subject = makeImage({ seed: 3 });
const signature = makeSignature(subject);

/** Everything that is mirrored, by what it is for. */
export const content = {
  app,
  /** The child of `app` that its faults are aimed at, and its large layer. */
  child: amd64,
  layer: layerOf(amd64),
  subject,
  signature,
  /** What the target has under the tag of `app` before. */
  before: makeImage({ seed: 4, layerBytes: [500] }),
  /** An image on the same hosts as `app`. */
  neighbour: makeImage({ seed: 5, layerBytes: [500] }),
  /** An image on other hosts. */
  beside: makeImage({ seed: 6, layerBytes: [500] }),
} as const satisfies Record<string, FixtureImage | Digest>;

/** The tag of every image. */
export const tag = "v1";

/** A repository of one image, under the tag. */
export function repositoryOf(image: FixtureImage): StoredRepository {
  const repository = new StoredRepository();
  repository.add(image, tag);
  return repository;
}

function layerOf(image: FixtureImage): Digest {
  const [, layer] = image.blobs.keys();
  if (layer === undefined) throw new Error("the image has no layer");
  return layer;
}
