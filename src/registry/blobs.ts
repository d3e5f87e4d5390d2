import type { Lease } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Download } from "../oci/store.ts";
import { isNotFound, isUnsupported } from "./ask.ts";
import { BlobDownload, type OpenFrom } from "./blob-download.ts";
import { BlobNotFound } from "./failures.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";
import { refusalOf } from "./status.ts";

/**
 * Whether the registry itself has a blob in the repository. Its mirrors are not asked: what they have is no help to
 * a manifest that is put here.
 *
 * Throws `REGISTRY_STATUS`, `REGISTRY_DENIED` and whatever sending throws. Spec: registry-protocol.md §1.6.
 */
export async function hasBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  lease: Lease | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `blobs/${blob.digest}`;
  const isThere = async (method: "GET" | "HEAD", headers: Readonly<Record<string, string>>): Promise<boolean> => {
    const request = access.requestTo(question(method, path, { lease, headers }));
    try {
      await using reply = await access.ask(request, [200, 206], signal);
      return reply.status === 206 || isSize(reply.header("content-length"), blob.sizeBytes);
    } catch (failure) {
      if (isNotFound(failure)) return false;
      throw failure;
    }
  };
  try {
    if (!access.host.disableHead) return await isThere("HEAD", {});
  } catch (failure) {
    // Storage takes no HEAD at an address that was signed for GET, and what forbids one says in no other way why.
    if (!isUnsupported(failure) && refusalOf(failure)?.status !== 403) throw failure;
  }
  return await isThere("GET", { range: "bytes=0-0" });
}

/** A blob of another size under the same digest is damaged, and better sent again. */
function isSize(announced: string | undefined, sizeBytes: number | undefined): boolean {
  return announced === undefined || sizeBytes === undefined || Number(announced) === sizeBytes;
}

/**
 * Begins to download a blob, from a mirror or the registry. Transfers that break or stall go on where they stopped.
 *
 * When no host has it, the addresses in its descriptor are tried, over TLS and without any credentials: callers that
 * want no foreign content do not ask for such blobs. Throws `BLOB_NOT_FOUND`, `SIZE_MISMATCH`, and whatever sending
 * throws. Spec: regsync.md §6.3, registry-protocol.md §7.4 and §8.2.
 */
export async function openBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  lease: Lease,
  signal: AbortSignal,
): Promise<Download> {
  const details = { lease, large: true, expectedBytes: blob.sizeBytes ?? Number.POSITIVE_INFINITY } as const;
  const sources: OpenFrom[] = [
    (headers, unfit) =>
      access.read(() => question("GET", `blobs/${blob.digest}`, { ...details, headers }), [200, 206], signal, unfit),
    ...blob.urls.flatMap((address): OpenFrom[] => {
      const url = URL.parse(address);
      if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return [];
      return [(headers) => access.askElsewhere(url, question("GET", "", { ...details, headers }), [200, 206], signal)];
    }),
  ];
  for (const open of sources) {
    try {
      return await BlobDownload.begin(blob, open, access.host, access.clock, signal);
    } catch (failure) {
      if (!isNotFound(failure)) throw failure;
    }
  }
  throw new BlobNotFound(access.name, blob.digest);
}
