import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted } from "../base/failure.ts";
import type { Lease, Limiter } from "../base/limiter.ts";
import type { Log } from "../observe/log.ts";
import type { Digest } from "../oci/digest.ts";
import { isRepository } from "../oci/reference-grammar.ts";
import type { Reply } from "./answer.ts";
import { ask } from "./ask.ts";
import type { Traffic } from "./host-traffic.ts";
import { readOrder } from "./mirrors.ts";
import { originOf, originText } from "./origin.ts";
import type { Access, Effort, RegistryRequest, RequestBody, Send } from "./send.ts";
import type { HostSettings } from "./settings.ts";
import type { KeptUpload, UploadMemory } from "./upload-memory.ts";

/** A request to a repository, before it is known which host it goes to. */
export interface Question {
  readonly method: RegistryRequest["method"];
  /** Below the repository, with its query: `manifests/v1`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
  readonly access: Access;
  readonly mountFrom: string | undefined;
  readonly lease: Lease | undefined;
  readonly large: boolean;
  readonly expectedBytes: number;
  readonly effort: Effort;
}

/** A question with nothing special about it but `details`. */
export function question(
  method: Question["method"],
  path: string,
  details: Partial<Omit<Question, "method" | "path">> = {},
): Question {
  return {
    method,
    path,
    headers: {},
    body: { kind: "none" },
    access: method === "GET" || method === "HEAD" ? "pull" : "pull,push",
    mountFrom: undefined,
    lease: undefined,
    large: false,
    expectedBytes: 0,
    effort: "retried",
    ...details,
  };
}

/** What repositories share. */
export interface AccessParts {
  readonly send: Send;
  /** Sends without ever logging in, for addresses that are none of the host's. */
  readonly sendElsewhere: Send;
  readonly traffic: Traffic;
  readonly clock: Clock;
  /** No piece of an upload is larger, whatever a host asks for, in bytes. */
  readonly pieceLimitBytes: number;
  /** Bytes of one part of an upload that may be gone on with: what is sent again at most. */
  readonly stretchBytes: number;
  readonly log: Log;
  /** Of large blobs, across the ends of processes; `undefined` when nothing outlives this one. */
  readonly uploads: UploadMemory | undefined;
}

const none: ReadonlySet<HostSettings> = new Set();

/** Requests that go round all hosts of a repository at most, in total. Spec: regsync.md §7.6. */
const mostAttempts = 6;

/** One repository, and the hosts it can be read from: how every endpoint asks for things. */
export class RepositoryAccess {
  readonly host: HostSettings;
  /** As in references, without the host's path prefix. */
  readonly repository: string;
  readonly #mirrors: readonly HostSettings[];
  readonly #parts: AccessParts;

  constructor(host: HostSettings, mirrors: readonly HostSettings[], repository: string, parts: AccessParts) {
    this.host = host;
    this.#mirrors = mirrors;
    this.repository = repository;
    this.#parts = parts;
  }

  /** `registry/repository`. */
  get name(): string {
    return `${this.host.name}/${this.repository}`;
  }

  /** Another repository of the same host by its whole name; `undefined` when the name is none of this host. */
  neighbour(name: string): RepositoryAccess | undefined {
    const repository = name.startsWith(`${this.host.name}/`) ? name.slice(this.host.name.length + 1) : "";
    return isRepository(repository)
      ? new RepositoryAccess(this.host, this.#mirrors, repository, this.#parts)
      : undefined;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get pieceLimitBytes(): number {
    return this.#parts.pieceLimitBytes;
  }

  get stretchBytes(): number {
    return this.#parts.stretchBytes;
  }

  get log(): Log {
    return this.#parts.log;
  }

  /** Whether uploads may be gone on with by a process that comes after this one. */
  get remembersUploads(): boolean {
    return this.#parts.uploads !== undefined;
  }

  /** The upload of a blob that was begun and not ended, as far as that is known. */
  findUpload(digest: Digest): KeptUpload | undefined {
    return this.#parts.uploads?.find(originOf(this.host).origin, this.pathOn(this.host), digest, this.clock.now());
  }

  noteUpload(digest: Digest, upload: KeptUpload): void {
    this.#parts.uploads?.note(originOf(this.host).origin, this.pathOn(this.host), digest, upload, this.clock.now());
  }

  forgetUpload(digest: Digest): void {
    this.#parts.uploads?.forget(originOf(this.host).origin, this.pathOn(this.host), digest);
  }

  /** The slots of every host it may be read from, the registry's own last. */
  get readLimiters(): readonly Limiter[] {
    return [...this.#mirrors, this.host].map((host) => this.#parts.traffic.of(host).width.slots);
  }

  /** Whether a request to the registry itself would have to wait. */
  get isTroubled(): boolean {
    return this.#parts.traffic.of(this.host).pace.isTroubled;
  }

  get ownLimiter(): Limiter {
    return this.#parts.traffic.of(this.host).width.slots;
  }

  /** Whether the host is worth asking to find a blob by itself. */
  get mountsAnonymously(): boolean {
    return this.#parts.traffic.of(this.host).mountsAnonymously;
  }

  /** The host refused such a question: it is not asked again. */
  forgoAnonymousMounts(): void {
    this.#parts.traffic.of(this.host).mountsAnonymously = false;
  }

  /** The repository's full name on a host, for addresses and for the scopes of tokens. */
  pathOn(host: HostSettings): string {
    return host.pathPrefix === "" ? this.repository : `${host.pathPrefix}/${this.repository}`;
  }

  /** The request to the registry itself, or to one of its mirrors. */
  requestTo(asked: Question, host: HostSettings = this.host): RegistryRequest {
    const url = new URL(`${originText(host)}/v2/${this.pathOn(host)}/${asked.path}`);
    // Tells a mirror of several registries which one is meant.
    if (host.hostname !== this.host.hostname)
      url.search = `${url.search === "" ? "?" : `${url.search}&`}ns=${this.host.hostname}`;
    return this.requestAt(url, asked, host);
  }

  /** The request to an address that the host handed out. */
  requestAt(url: URL, asked: Question, host: HostSettings = this.host): RegistryRequest {
    const { path: _, ...rest } = asked;
    return { ...rest, url, host, repository: this.pathOn(host) };
  }

  /** Asks a host without ever logging in. Otherwise as `ask`. */
  askPlainly(request: RegistryRequest, accepted: readonly number[], signal: AbortSignal): Promise<Reply> {
    return ask(this.#parts.sendElsewhere, request, accepted, signal);
  }

  /** See `ask`. */
  ask(request: RegistryRequest, accepted: readonly number[], signal: AbortSignal): Promise<Reply> {
    return ask(this.#parts.send, request, accepted, signal);
  }

  /** Asks at an address of somebody else, without credentials. Otherwise as `ask`. */
  askElsewhere(url: URL, asked: Question, accepted: readonly number[], signal: AbortSignal): Promise<Reply> {
    return ask(this.#parts.sendElsewhere, this.requestAt(url, asked), accepted, signal);
  }

  /**
   * Asks the mirrors and then the registry, until one of them answers. What the registry itself says of its content
   * is the last word; a mirror that refuses is passed over. Hosts whose answer to the same question was of no use
   * (`unfit`) come after all others: such a mirror is asked once more even when the registry has refused.
   */
  async read(
    questionFor: (host: HostSettings) => Question,
    accepted: readonly number[],
    signal: AbortSignal,
    unfit: ReadonlySet<HostSettings> = none,
  ): Promise<Reply> {
    if (this.#mirrors.length === 0) return await this.ask(this.requestTo(questionFor(this.host)), accepted, signal);
    const order = readOrder(this.#mirrors, this.host, (host) => this.#parts.traffic.of(host).pace.isTroubled);
    const hosts = [...order.filter((host) => !unfit.has(host)), ...order.filter((host) => unfit.has(host))];
    let failure: unknown;
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      const host = hosts.shift();
      if (host === undefined) break;
      try {
        return await this.ask(this.requestTo({ ...questionFor(host), effort: "once" }, host), accepted, signal);
      } catch (thrown) {
        if (!(thrown instanceof Failure) || thrown instanceof Interrupted) throw thrown;
        if (host === this.host && !thrown.retryable && !hosts.some((other) => unfit.has(other))) throw thrown;
        if (thrown.retryable) hosts.push(host);
        if (host === this.host || failure === undefined) failure = thrown;
      }
    }
    throw failure;
  }
}
