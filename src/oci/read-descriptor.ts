import type { Descriptor, DescriptorPlatform } from "./descriptor.ts";
import { asDigest, type Digest, hashFor, hexOf } from "./digest.ts";
import { asObject, fieldOf, Misshapen, textField, textMapField, textsField } from "./raw.ts";

/**
 * A descriptor out of a document. Throws `Misshapen` for one that is not shaped as the specification says: a digest
 * that cannot be verified, a size that is no length. Spec: registry-protocol.md §2.2.
 */
export function readDescriptor(value: unknown, what: string): Descriptor {
  const raw = asObject(value, what);
  const digest = asDigest(textField(raw, "digest"));
  if (digest === undefined) throw new Misshapen(`${what} has no digest that can be verified`);
  const sizeBytes = fieldOf(raw, "size");
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new Misshapen(`${what} has no size`);
  }
  const platform = fieldOf(raw, "platform");
  return {
    mediaType: textField(raw, "mediaType"),
    digest,
    sizeBytes,
    platform: platform === undefined ? undefined : readPlatform(platform),
    annotations: textMapField(raw, "annotations"),
    artifactType: textField(raw, "artifactType"),
    urls: textsField(raw, "urls"),
    data: embedded(textField(raw, "data"), digest, sizeBytes),
  };
}

function readPlatform(value: unknown): DescriptorPlatform {
  const raw = asObject(value, "platform");
  return {
    os: textField(raw, "os"),
    architecture: textField(raw, "architecture"),
    variant: textField(raw, "variant"),
    osVersion: textField(raw, "os.version"),
    osFeatures: textsField(raw, "os.features"),
    features: textsField(raw, "features"),
  };
}

/** The content that came with the descriptor, when it is what the descriptor describes. */
function embedded(base64: string, digest: Digest, sizeBytes: number): Uint8Array | undefined {
  if (base64 === "") return undefined;
  const bytes = Buffer.from(base64, "base64");
  const matches = bytes.byteLength === sizeBytes && hashFor(digest).update(bytes).digest("hex") === hexOf(digest);
  return matches ? bytes : undefined;
}
