import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { asDigest, type Digest, digestOf, parseDigest } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-type.ts";
import { type Route, routeOf } from "../../support/fake-registry/route.ts";
import { Counter } from "./counts.ts";
import { Link } from "./link.ts";
import { type BlobContent, emptyRepository, type Seed, type SeededRepository } from "./recipe.ts";

/** One answer. A blob is sent piece by piece. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | BlobContent;
}

/** What a side is like. */
export interface SideOptions {
  /** Every answer waits so long. */
  readonly delayMs: number;
  /** Whether uploads are only counted and not hashed: a sink as light as can be. Their length must be right. */
  readonly countsOnly: boolean;
  /** Bytes of blobs that come or go in a second; `undefined` for as many as can. */
  readonly bytesPerSecond: number | undefined;
}

/** Uploads go on for so long until they wait for the link, in milliseconds: chunks are small. */
const leadMs = 5;

interface Upload {
  readonly name: string;
  /** `undefined` where bytes are only counted. */
  readonly hash: ReturnType<typeof createHash> | undefined;
  sizeBytes: number;
}

const notThere: Answer = refusal(404, "NAME_UNKNOWN");

/**
 * One registry of a measurement: the distribution API over content that a recipe makes. It keeps of a blob that was
 * uploaded only that it is there: whoever reads it gets what the recipe says of the digest.
 * Spec: OCI distribution-spec v1.1.
 */
export class Side {
  readonly #seed: Seed;
  readonly #options: SideOptions;
  readonly #uploads = new Map<string, Upload>();
  readonly #referrers = new Map<Digest, string>();
  #repositories = new Map<string, SeededRepository>();
  #sorted = new WeakMap<SeededRepository, readonly string[]>();
  counter = new Counter();
  /** `undefined` where nothing limits it. */
  readonly link: Link | undefined;

  constructor(seed: Seed, options: SideOptions) {
    this.#seed = seed;
    this.#options = options;
    this.link = options.bytesPerSecond === undefined ? undefined : new Link(options.bytesPerSecond);
    for (const { manifests } of seed.repositories.values()) this.#noteReferrers(manifests);
  }

  /** Has everything the recipe makes, under these names. */
  fill(nameOf: (name: string) => string): void {
    this.#repositories = new Map();
    for (const [name, { manifests, tags, blobs }] of this.#seed.repositories) {
      const copy = { manifests: new Map(manifests), tags: new Map(tags), blobs: new Set(blobs) };
      this.#repositories.set(nameOf(name), copy);
    }
  }

  /** Has nothing. */
  empty(): void {
    this.#repositories = new Map();
  }

  /** How many tags it has that name what the recipe says. */
  matching(nameOf: (name: string) => string): number {
    let count = 0;
    for (const [name, { tags }] of this.#seed.repositories) {
      const mine = this.#repositories.get(nameOf(name))?.tags;
      for (const [tag, digest] of tags) if (mine?.get(tag) === digest) count += 1;
    }
    return count;
  }

  /** Answers one request, whose body is read on the way. */
  async answer(request: IncomingMessage): Promise<Answer> {
    const { method = "" } = request;
    const target = request.url ?? "";
    const [path = "", search = ""] = target.split("?", 2);
    const route = routeOf(path);
    const query = new URLSearchParams(search);
    this.counter.request(kindOf(method, route, query));
    const answer = route === undefined ? notThere : await this.#follow(method, route, query, request);
    if (answer.status >= 400) this.counter.refusal(answer.status);
    return answer;
  }

  #follow(method: string, route: Route, query: URLSearchParams, request: IncomingMessage): Answer | Promise<Answer> {
    if (route.kind === "ping") return { status: 200, body: "{}" };
    if (route.kind === "catalog") return json({ repositories: [...this.#repositories.keys()].toSorted() });
    if (route.kind === "uploads") return this.#begin(route.name, query);
    if (route.kind === "upload") return this.#proceed(method, route.name, route.reference, query, request);
    if (route.kind === "manifest" && method === "PUT") return this.#putManifest(route.name, route.reference, request);
    const repository = this.#repositories.get(route.name);
    if (repository === undefined) return notThere;
    switch (route.kind) {
      case "tags":
        return this.#listTags(route.name, repository, query);
      case "manifest":
        return readManifest(repository, route.reference);
      case "referrers":
        return { status: 200, headers: { "content-type": mediaTypes.ociIndex }, body: this.#referrersOf(route) };
      case "blob":
        return this.#readBlob(repository, route.reference);
    }
  }

  #listTags(name: string, repository: SeededRepository, query: URLSearchParams): Answer {
    let all = this.#sorted.get(repository);
    if (all?.length !== repository.tags.size) {
      all = [...repository.tags.keys()].toSorted();
      this.#sorted.set(repository, all);
    }
    const last = query.get("last");
    const size = Number(query.get("n") ?? all.length);
    const start = last === null ? 0 : all.findIndex((tag) => tag > last);
    const tags = start < 0 ? [] : all.slice(start, start + size);
    const link = `</v2/${name}/tags/list?last=${tags.at(-1) ?? ""}&n=${size}>; rel="next"`;
    return json({ name, tags }, start + size < all.length && start >= 0 ? { link } : {});
  }

  #readBlob(repository: SeededRepository, reference: string): Answer {
    const digest = asDigest(reference);
    const body = digest !== undefined && repository.blobs.has(digest) ? this.#seed.blobs.get(digest) : undefined;
    if (digest === undefined || body === undefined) return refusal(404, "BLOB_UNKNOWN");
    const headers = { "content-type": "application/octet-stream", "docker-content-digest": digest };
    return { status: 200, headers, body };
  }

  #begin(name: string, query: URLSearchParams): Answer {
    const repository = this.#repository(name);
    const mount = asDigest(query.get("mount") ?? "");
    if (mount !== undefined && this.#repositories.get(query.get("from") ?? "")?.blobs.has(mount) === true) {
      repository.blobs.add(mount);
      return { status: 201, headers: { location: `/v2/${name}/blobs/${mount}`, "docker-content-digest": mount } };
    }
    const id = randomUUID();
    const hash = this.#options.countsOnly ? undefined : createHash("sha256");
    this.#uploads.set(id, { name, hash, sizeBytes: 0 });
    return { status: 202, headers: { location: `/v2/${name}/blobs/uploads/${id}`, range: "0-0" } };
  }

  async #proceed(
    method: string,
    name: string,
    id: string,
    query: URLSearchParams,
    request: IncomingMessage,
  ): Promise<Answer> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return refusal(404, "BLOB_UPLOAD_UNKNOWN");
    const location = `/v2/${name}/blobs/uploads/${id}`;
    const range = (): string => `0-${Math.max(0, upload.sizeBytes - 1)}`;
    if (method === "GET") return { status: 204, headers: { location, range: range() } };
    if (method === "DELETE") {
      this.#uploads.delete(id);
      return { status: 204 };
    }
    await this.#take(request, upload);
    if (method === "PATCH") return { status: 202, headers: { location, range: range() } };
    const digest = parseDigest(query.get("digest") ?? "");
    this.#uploads.delete(id);
    const isRight =
      upload.hash === undefined
        ? this.#seed.blobs.get(digest)?.sizeBytes === upload.sizeBytes
        : `sha256:${upload.hash.digest("hex")}` === digest;
    if (!isRight) return refusal(400, "DIGEST_INVALID");
    this.#repository(name).blobs.add(digest);
    return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest } };
  }

  /** Reads a body as it comes. */
  #take(request: IncomingMessage, upload: Upload): Promise<void> {
    return new Promise((resolve, reject) => {
      request.on("data", (chunk: Buffer) => {
        upload.hash?.update(chunk);
        upload.sizeBytes += chunk.byteLength;
        this.counter.blobBytesWritten += chunk.byteLength;
        const waitMs = this.link?.pass(chunk.byteLength) ?? 0;
        if (waitMs < leadMs) return;
        request.pause();
        setTimeout(() => request.resume(), waitMs);
      });
      request.once("end", resolve);
      request.once("error", reject);
    });
  }

  async #putManifest(name: string, reference: string, request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk); // no encoding is set
    const bytes = Buffer.concat(chunks);
    const digest = digestOf(bytes);
    const repository = this.#repository(name);
    const { config, layers = [], manifests = [], subject } = parse(bytes);
    const missing = [...(config === undefined ? [] : [config]), ...layers].some(
      (blob) => !repository.blobs.has(blob.digest),
    );
    const childless = manifests.some((child) => !repository.manifests.has(child.digest));
    if (missing || childless) return refusal(404, "MANIFEST_BLOB_UNKNOWN");
    repository.manifests.set(digest, { mediaType: request.headers["content-type"] ?? "", bytes });
    if (asDigest(reference) === undefined) repository.tags.set(reference, digest);
    return {
      status: 201,
      headers: {
        location: `/v2/${name}/manifests/${reference}`,
        "docker-content-digest": digest,
        ...(subject === undefined ? {} : { "oci-subject": subject.digest }),
      },
    };
  }

  #repository(name: string): SeededRepository {
    const existing = this.#repositories.get(name);
    if (existing !== undefined) return existing;
    const made = emptyRepository();
    this.#repositories.set(name, made);
    return made;
  }

  /** Lists what the recipe attaches to a digest, of which nothing is ever removed. */
  #referrersOf({ name, reference }: { readonly name: string; readonly reference: string }): string {
    const digest = asDigest(reference);
    const list = digest === undefined ? undefined : this.#referrers.get(digest);
    const signature = list === undefined ? undefined : (JSON.parse(list) as ReferrerList).manifests[0]?.digest; // written below
    const isThere = signature !== undefined && this.#repositories.get(name)?.manifests.has(signature) === true;
    return list !== undefined && isThere ? list : listOf([]);
  }

  #noteReferrers(manifests: SeededRepository["manifests"]): void {
    for (const [digest, { mediaType, bytes }] of manifests) {
      const { subject, artifactType } = parse(bytes);
      if (subject === undefined) continue;
      this.#referrers.set(subject.digest, listOf([{ mediaType, digest, size: bytes.byteLength, artifactType }]));
    }
  }
}

interface Named {
  readonly digest: Digest;
}

interface ReferrerList {
  readonly manifests: readonly Named[];
}

interface ManifestParts {
  readonly config?: Named;
  readonly layers?: readonly Named[];
  readonly manifests?: readonly Named[];
  readonly subject?: Named;
  readonly artifactType?: string;
}

function parse(bytes: Uint8Array): ManifestParts {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as ManifestParts; // what a recipe made, byte for byte
}

function listOf(manifests: readonly object[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
}

function readManifest(repository: SeededRepository, reference: string): Answer {
  const digest = repository.tags.get(reference) ?? asDigest(reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined) return refusal(404, "MANIFEST_UNKNOWN");
  const headers = { "content-type": manifest.mediaType, "docker-content-digest": digest };
  return { status: 200, headers, body: manifest.bytes };
}

/** What a request is counted as. */
function kindOf(method: string, route: Route | undefined, query: URLSearchParams): string {
  if (route?.kind === "uploads" && query.has("mount")) return `${method} mount`;
  return `${method} ${route?.kind ?? "other"}`;
}

function refusal(status: number, code: string): Answer {
  return { ...json({ errors: [{ code, message: "" }] }), status };
}

function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}
