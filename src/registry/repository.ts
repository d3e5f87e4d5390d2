import type { KeyedLock } from "../base/keyed-lock.ts";
import type { Lease, Limiter } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type {
  BlobWrite,
  Download,
  ManifestHead,
  ManifestName,
  OpenContent,
  PutOptions,
  Referrers,
  Repository,
  TagListing,
} from "../oci/store.ts";
import { hasBlob, openBlob } from "./blobs.ts";
import { addToFallback, readFallback } from "./fallback-tag.ts";
import { fetchManifest, headManifest } from "./manifests.ts";
import type { RepositoryMemory } from "./memory.ts";
import { putManifest } from "./put-manifest.ts";
import { hasReferrersApi, listReferrers } from "./referrers.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { listTagsAndDigests } from "./tag-listing.ts";
import { isAbsent, listTags } from "./tags.ts";
import { writeBlob } from "./uploads.ts";
import type { Vendors } from "./vendor/vendors.ts";

/** One repository on a registry. */
export class RegistryRepository implements Repository {
  readonly #access: RepositoryAccess;
  readonly #memory: RepositoryMemory;
  readonly #subjects: KeyedLock;
  readonly #vendors: Vendors;

  constructor(access: RepositoryAccess, memory: RepositoryMemory, subjects: KeyedLock, vendors: Vendors) {
    this.#access = access;
    this.#memory = memory;
    this.#subjects = subjects;
    this.#vendors = vendors;
  }

  get name(): string {
    return this.#access.name;
  }

  get host(): string {
    return this.#access.host.name;
  }

  get isTroubled(): boolean {
    return this.#access.isTroubled;
  }

  get readLimiters(): readonly Limiter[] {
    return this.#access.readLimiters;
  }

  get writeLimiters(): readonly Limiter[] {
    return [this.#access.ownLimiter];
  }

  headManifest(name: ManifestName, signal: AbortSignal): Promise<ManifestHead | undefined> {
    return headManifest(this.#access, name, signal);
  }

  async getManifest(name: ManifestName, signal: AbortSignal): Promise<Manifest | undefined> {
    const known = this.#memory.manifest(this.name, name);
    if (known !== undefined) return known;
    const manifest = (await fetchManifest(this.#access, name, signal))?.manifest;
    if (manifest !== undefined) this.#memory.keepManifest(this.name, manifest);
    return manifest;
  }

  /** Keeps the list of referrers as well where the registry does not do so by itself. */
  async putManifest(name: ManifestName, manifest: Manifest, _options: PutOptions, signal: AbortSignal): Promise<void> {
    const put = (): Promise<void> => putManifest(this.#access, name, manifest, signal);
    const subject = manifest.body.subject?.digest;
    if (subject === undefined) {
      await put();
      return;
    }
    const putAndList = async (): Promise<void> => {
      await put();
      this.#memory.forgetReferrers(this.name, subject);
      if (await hasReferrersApi(this.#access, subject, this.#memory.support, signal)) return;
      await addToFallback(this.#access, subject, manifest, signal);
    };
    // One after another: two that come at the same moment are too many for our list, and for that of some registries.
    await this.#subjects.run(`${this.name}@${subject}`, putAndList, signal);
  }

  async listedReferrers(subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest> | undefined> {
    if (await hasReferrersApi(this.#access, subject, this.#memory.support, signal)) return undefined;
    const listed = (await readFallback(this.#access, subject, signal)) ?? [];
    return new Set(listed.map(({ digest }) => digest));
  }

  hasBlob(blob: Descriptor, signal: AbortSignal): Promise<boolean> {
    return hasBlob(this.#access, blob, undefined, signal);
  }

  readonly looksAreFree = false;

  isAbsent(signal: AbortSignal): Promise<boolean> {
    return isAbsent(this.#access, signal);
  }

  neighbour(name: string): RegistryRepository | undefined {
    const access = this.#access.neighbour(name);
    return access && new RegistryRepository(access, this.#memory, this.#subjects, this.#vendors);
  }

  openBlob(blob: Descriptor, lease: Lease, signal: AbortSignal): Promise<Download> {
    return openBlob(this.#access, blob, lease, signal);
  }

  writeBlob(
    blob: Descriptor,
    mountFrom: Repository | "nowhere" | undefined,
    open: OpenContent,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<BlobWrite> {
    const from = mountFrom instanceof RegistryRepository ? mountFrom.#access : undefined;
    const mount = mountFrom === "nowhere" ? "never" : { from: from?.pathOn(from.host) };
    return writeBlob(this.#access, blob, mount, open, lease, signal);
  }

  listTags(signal: AbortSignal): Promise<readonly string[] | undefined> {
    return listTags(this.#access, signal);
  }

  listTagsAndDigests(signal: AbortSignal): Promise<TagListing | undefined> {
    return listTagsAndDigests(this.#access, this.#vendors, signal);
  }

  async listReferrers(subject: Digest, signal: AbortSignal): Promise<Referrers> {
    const known = this.#memory.referrers(this.name, subject);
    if (known !== undefined) return known;
    const referrers = await listReferrers(this.#access, subject, this.#memory.support, signal);
    this.#memory.keepReferrers(this.name, subject, referrers);
    return referrers;
  }

  /** A registry looks after its content itself. */
  pin(): Promise<AsyncDisposable> {
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  /** A registry looks after its content itself. */
  tidy(): Promise<void> {
    return Promise.resolve();
  }
}
