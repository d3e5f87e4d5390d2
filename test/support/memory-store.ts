import type { Lease, Limiter } from "../../src/base/limiter.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { asDigest, type Digest, digestOf } from "../../src/oci/digest.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import type {
  BlobWrite,
  Download,
  ManifestHead,
  ManifestName,
  OpenContent,
  Repository,
  Referrers,
  TagListing,
} from "../../src/oci/store.ts";

/**
 * What was asked of a store, in order: `head v1`, `get sha256:…`, `put v1`, `blob? sha256:…`, `read …`, `write …`.
 */
export type Call = string;

/** A host of repositories in memory, that can be told to misbehave. */
export class MemoryHost {
  readonly name: string;
  readonly repositories = new Map<string, MemoryRepository>();
  /** Whether blobs of other repositories of this host may be mounted. */
  mounts = true;
  /** Whether looking for a blob costs nothing, as on a disk. */
  looksAreFree = false;
  readonly limiters: Limiter[] = [];

  constructor(name: string) {
    this.name = name;
  }

  repository(path: string): MemoryRepository {
    const known = this.repositories.get(path);
    if (known !== undefined) return known;
    const fresh = new MemoryRepository(this, `${this.name}/${path}`);
    this.repositories.set(path, fresh);
    return fresh;
  }
}

/** A repository in memory: keeps what is written, records what is asked, fails when told to. */
export class MemoryRepository implements Repository {
  readonly #host: MemoryHost;
  readonly name: string;
  readonly tags = new Map<string, Digest>();
  readonly manifests = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>();
  readonly blobs = new Map<string, Uint8Array>();
  /** Blobs of which so many bytes are there, by an upload that stopped. */
  readonly stoppedUploads = new Map<string, number>();
  readonly calls: Call[] = [];
  rateLimits: { limit: number; remaining: number }[] = [];
  /** What it says along with its list that tags stand for, whether that is true or not. */
  listedDigests: ReadonlyMap<string, Digest> = new Map();
  isTroubled = false;
  /** Its list of referrers, of whatever manifest; `undefined` is a host that lists them itself. */
  keptReferrers: ReadonlySet<Digest> | undefined;
  tidied = 0;
  pinned = 0;
  /** Called before every operation with what `calls` records; throwing makes it fail. */
  before: (call: Call) => void | Promise<void> = () => undefined;
  /** Changes content on its way out, to damage it. */
  onRead: (digest: string, content: Uint8Array) => Uint8Array = (_digest, content) => content;

  constructor(host: MemoryHost, name: string) {
    this.#host = host;
    this.name = name;
  }

  get host(): string {
    return this.#host.name;
  }

  get readLimiters(): readonly Limiter[] {
    return this.#host.limiters;
  }

  get writeLimiters(): readonly Limiter[] {
    return this.#host.limiters;
  }

  /** Calls of one kind: `called("write")`. */
  called(verb: string): Call[] {
    return this.calls.filter((call) => call.startsWith(`${verb} `));
  }

  addBlob(content: Uint8Array): Digest {
    const digest = digestOf(content);
    this.blobs.set(digest, content);
    return digest;
  }

  addManifest(mediaType: string, content: unknown, tag?: string): Digest {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    this.manifests.set(digest, { bytes, mediaType });
    if (tag !== undefined) this.tags.set(tag, digest);
    return digest;
  }

  async headManifest(name: ManifestName, signal: AbortSignal): Promise<ManifestHead | undefined> {
    await this.#called(`head ${name}`, signal);
    const digest = this.#resolve(name);
    const found = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || found === undefined) return undefined;
    const rateLimit = this.rateLimits.shift();
    return { digest, mediaType: found.mediaType, sizeBytes: found.bytes.byteLength, rateLimit };
  }

  async getManifest(name: ManifestName, signal: AbortSignal): Promise<Manifest | undefined> {
    await this.#called(`get ${name}`, signal);
    const digest = this.#resolve(name);
    const found = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || found === undefined) return undefined;
    return readManifest(this.onRead(digest, found.bytes), found.mediaType, digest);
  }

  async putManifest(
    name: ManifestName,
    manifest: Manifest,
    _options: { readonly child: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#called(`put ${name}`, signal);
    this.manifests.set(manifest.digest, { bytes: manifest.bytes, mediaType: manifest.mediaType });
    if (asDigest(name) === undefined) this.tags.set(name, manifest.digest);
  }

  listedReferrers(): Promise<ReadonlySet<Digest> | undefined> {
    return Promise.resolve(this.keptReferrers);
  }

  get looksAreFree(): boolean {
    return this.#host.looksAreFree;
  }

  async isAbsent(signal: AbortSignal): Promise<boolean> {
    await this.#called("absent? ", signal);
    return this.tags.size === 0 && this.manifests.size === 0;
  }

  neighbour(name: string): MemoryRepository | undefined {
    return name.startsWith(`${this.host}/`) ? this.#host.repository(name.slice(this.host.length + 1)) : undefined;
  }

  async hasBlob(blob: Descriptor, signal: AbortSignal): Promise<boolean> {
    await this.#called(`blob? ${blob.digest}`, signal);
    return this.blobs.has(blob.digest);
  }

  async openBlob(blob: Descriptor, _lease: Lease, signal: AbortSignal): Promise<Download> {
    await this.#called(`read ${blob.digest}`, signal);
    const content = this.blobs.get(blob.digest);
    if (content === undefined) throw new Error(`the test's source has no blob ${blob.digest}`);
    return { chunks: inPieces(this.onRead(blob.digest, content)), [Symbol.asyncDispose]: () => Promise.resolve() };
  }

  async writeBlob(
    blob: Descriptor,
    mountFrom: Repository | "nowhere" | undefined,
    open: OpenContent,
    _lease: Lease,
    signal: AbortSignal,
  ): Promise<BlobWrite> {
    const from = mountFrom === "nowhere" ? undefined : mountFrom?.name;
    const other = [...this.#host.repositories.values()].find(({ name }) => name === from);
    const content = other?.blobs.get(blob.digest);
    if (this.#host.mounts && content !== undefined) {
      await this.#called(`mount ${blob.digest}`, signal);
      this.blobs.set(blob.digest, content);
      return { kind: "mounted" };
    }
    await this.#called(`write ${blob.digest}`, signal);
    const there = this.stoppedUploads.get(blob.digest);
    await using download = await open(signal, there);
    const pieces: Uint8Array[] = [];
    for await (const piece of download.chunks) pieces.push(piece);
    this.blobs.set(blob.digest, Buffer.concat(pieces));
    return { kind: there === undefined ? "uploaded" : "resumed" };
  }

  async listTags(signal: AbortSignal): Promise<readonly string[] | undefined> {
    await this.#called("tags ", signal);
    return this.manifests.size === 0 ? undefined : [...this.tags.keys()];
  }

  async listTagsAndDigests(signal: AbortSignal): Promise<TagListing | undefined> {
    const tags = await this.listTags(signal);
    return tags === undefined ? undefined : { tags, digestsOf: () => Promise.resolve(this.listedDigests) };
  }

  async listReferrers(subject: Digest, signal: AbortSignal): Promise<Referrers> {
    await this.#called(`referrers ${subject}`, signal);
    const descriptors = [...this.manifests].flatMap(([text, { bytes, mediaType }]) => {
      const { body, digest } = readManifest(bytes, mediaType, asDigest(text));
      if (body.subject?.digest !== subject) return [];
      const { annotations, artifactType } = body;
      const rest = { platform: undefined, urls: [], data: undefined };
      return [{ mediaType, digest, sizeBytes: bytes.byteLength, annotations, artifactType, ...rest }];
    });
    return { descriptors, fallbackTag: undefined };
  }

  async pin(): Promise<AsyncDisposable> {
    this.pinned += 1;
    return {
      [Symbol.asyncDispose]: async () => {
        this.pinned -= 1;
      },
    };
  }

  async tidy(): Promise<void> {
    this.tidied += 1;
  }

  #resolve(name: ManifestName): Digest | undefined {
    return asDigest(name) ?? this.tags.get(name);
  }

  async #called(call: Call, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.calls.push(call);
    await this.before(call);
  }
}

async function* inPieces(content: Uint8Array): AsyncGenerator<Uint8Array, void> {
  const middle = Math.ceil(content.byteLength / 2);
  if (middle > 0) yield content.subarray(0, middle);
  if (content.byteLength > middle) yield content.subarray(middle);
}
