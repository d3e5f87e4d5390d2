import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { readTags } from "./plain-client.ts";

/** What a repository holds, as a reader finds it that shares no code with the program but the hash. */
export interface Holdings {
  /** The digest of every tag. */
  readonly tags: Readonly<Record<string, string>>;
  /** What is missing or damaged in the graph of any tag, in words; empty when every image is whole. */
  readonly broken: readonly string[];
}

/** The parts of a manifest that name other content. */
interface Document {
  readonly manifests?: readonly Part[];
  readonly layers?: readonly Part[];
  readonly config?: Part;
}

interface Part {
  readonly digest: Digest;
  readonly size: number;
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Follows every tag of a repository on an open registry down to the last byte of its last blob. */
export async function readHoldings(host: string, repository: string): Promise<Holdings> {
  const tags = await readTags(host, repository);
  const broken: string[] = [];
  const seen = new Set<string>();
  const read = async (kind: "manifests" | "blobs", digest: string, size?: number): Promise<Uint8Array | undefined> => {
    const answer = await fetch(`http://${host}/v2/${repository}/${kind}/${digest}`, { headers: { accept } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const fault =
      answer.status !== 200
        ? `is answered with ${answer.status}`
        : digestOf(bytes) !== digest
          ? "holds other bytes"
          : size !== undefined && bytes.byteLength !== size
            ? `has ${bytes.byteLength} bytes instead of ${size}`
            : undefined;
    if (fault !== undefined) broken.push(`${repository}/${kind}/${digest} ${fault}`);
    return fault === undefined ? bytes : undefined;
  };
  const follow = async (digest: string, size?: number): Promise<void> => {
    if (seen.has(digest)) return;
    seen.add(digest);
    const bytes = await read("manifests", digest, size);
    if (bytes === undefined) return;
    const document = JSON.parse(Buffer.from(bytes).toString("utf8")) as Document; // what the registry took for a manifest
    for (const part of document.manifests ?? []) await follow(part.digest, part.size);
    for (const part of [...(document.layers ?? []), ...(document.config === undefined ? [] : [document.config])]) {
      if (seen.has(part.digest)) continue;
      seen.add(part.digest);
      await read("blobs", part.digest, part.size);
    }
  };
  for (const digest of Object.values(tags)) await follow(digest);
  return { tags, broken };
}
