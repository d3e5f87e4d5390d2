import type { Digest } from "../../src/oci/digest.ts";
import type { StoredRepository } from "./fake-registry/content.ts";

// Fills and reads registries on loopback without any of the program's own code. Plain HTTP, no logins: a registry
// that asks for more is started over a folder that an open one has filled.

/** Every manifest type a registry may hold. */
const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Puts everything of a repository into a registry: blobs, then manifests, then tags. */
export async function pushRepository(host: string, name: string, repository: StoredRepository): Promise<void> {
  for (const [digest, bytes] of repository.blobs) await pushBlob(host, name, digest, bytes);
  for (const [digest, { mediaType, bytes }] of repository.manifests) {
    await pushManifest(host, name, digest, mediaType, bytes);
  }
  for (const [tag, digest] of repository.tags) {
    const manifest = repository.manifests.get(digest);
    if (manifest !== undefined) await pushManifest(host, name, tag, manifest.mediaType, manifest.bytes);
  }
}

/** Puts one manifest under a tag or digest. */
export async function pushManifest(
  host: string,
  name: string,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<void> {
  const headers = { "content-type": mediaType };
  await expectStatus(
    fetch(`http://${host}/v2/${name}/manifests/${reference}`, { method: "PUT", headers, body: Buffer.from(bytes) }),
    201,
  );
}

async function pushBlob(host: string, name: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  const url = await beginUpload(host, name, digest);
  const headers = { "content-type": "application/octet-stream" };
  await expectStatus(fetch(url, { method: "PUT", headers, body: Buffer.from(bytes) }), 201);
}

/** Opens an upload. Gives the address that takes the whole content, exactly as the registry wrote it. */
export async function beginUpload(host: string, name: string, digest: Digest): Promise<string> {
  const begun = await expectStatus(fetch(`http://${host}/v2/${name}/blobs/uploads/`, { method: "POST" }), 202);
  const location = begun.headers.get("location") ?? "";
  const address = location.startsWith("/") ? `http://${host}${location}` : location;
  return `${address}${address.includes("?") ? "&" : "?"}digest=${digest}`;
}

/** Every tag of a repository with the digest it names; empty when there is no such repository. */
export async function readTags(host: string, name: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`http://${host}/v2/${name}/tags/list`);
  if (answer.status === 404) {
    await answer.body?.cancel();
    return {};
  }
  const { tags } = (await answer.json()) as { readonly tags: readonly string[] | null }; // as the distribution-spec gives it
  const named = await Promise.all((tags ?? []).map(async (tag) => [tag, await readDigest(host, name, tag)] as const));
  return Object.fromEntries(named.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest]])));
}

/** The digest of the manifest that a tag or digest names, or `undefined` when there is none. */
export async function readDigest(host: string, name: string, reference: string): Promise<string | undefined> {
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${reference}`, {
    method: "HEAD",
    headers: { accept },
  });
  return answer.status === 200 ? (answer.headers.get("docker-content-digest") ?? undefined) : undefined;
}

/** The digests that a registry's referrers API lists for a digest. */
export async function readReferrers(host: string, name: string, digest: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/${name}/referrers/${digest}`);
  const list = (await answer.json()) as { readonly manifests: readonly { readonly digest: string }[] }; // an index, by the spec
  return list.manifests.map((entry) => entry.digest).sort();
}

/** The digests that the list under a fallback tag names; empty when there is no such tag. */
export async function readFallbackList(host: string, name: string, tag: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept } });
  if (answer.status === 404) {
    await answer.body?.cancel();
    return [];
  }
  const list = (await answer.json()) as { readonly manifests?: readonly { readonly digest: string }[] }; // an index, by the spec
  return (list.manifests ?? []).map((entry) => entry.digest).sort();
}

async function expectStatus(answering: Promise<Response>, wanted: number): Promise<Response> {
  const answer = await answering;
  const text = await answer.text();
  if (answer.status !== wanted) throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
  return answer;
}
