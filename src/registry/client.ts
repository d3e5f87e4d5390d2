import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { KeyedLock } from "../base/keyed-lock.ts";
import type { Log } from "../observe/log.ts";
import { type Metrics, noMetrics } from "../observe/metrics.ts";
import { listRepositories } from "./catalog.ts";
import { ClientMetrics } from "./client-metrics.ts";
import { type HostTraffic, Traffic } from "./host-traffic.ts";
import { withAdaptiveWidth } from "./layers/with-adaptive-width.ts";
import { withMetrics, withTokenMetrics } from "./layers/with-metrics.ts";
import { withRedirects } from "./layers/with-redirects.ts";
import { withRetry } from "./layers/with-retry.ts";
import { withSlots } from "./layers/with-slots.ts";
import { withSpacing } from "./layers/with-spacing.ts";
import { withTrace } from "./layers/with-trace.ts";
import { withWarnings } from "./layers/with-warnings.ts";
import { type CacheSize, RepositoryMemory } from "./memory.ts";
import { plainFetchOver } from "./plain-fetch.ts";
import type { PlainFetch } from "./plain-request.ts";
import { RegistryRepository } from "./repository.ts";
import { type AccessParts, RepositoryAccess } from "./repository-access.ts";
import type { Send } from "./send.ts";
import type { HostSettings } from "./settings.ts";
import { type ProxyVariables, proxyFinder } from "./transport/proxy.ts";
import type { TimeLimits } from "./transport/time-limits.ts";
import { Transport } from "./transport/transport.ts";
import { Trust, type TrustPlaces } from "./transport/trust.ts";
import { Vendors } from "./vendor/vendors.ts";
import type { UploadMemory } from "./upload-memory.ts";

/** What a client is made of. Everything that comes from the environment is said here. */
export interface RegistryClientParts {
  /** What is known of a registry by its name in references. Asked once for each. */
  readonly hosts: (name: string) => HostSettings;
  /** Adds logging in; gets its tokens by `fetch`. */
  readonly login: (send: Send, fetch: PlainFetch) => Send;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly proxies: ProxyVariables;
  readonly trust: TrustPlaces;
  readonly limits: TimeLimits;
  readonly cache: CacheSize;
  /** No piece of an upload is larger, whatever a host asks for, in bytes. */
  readonly pieceLimitBytes: number;
  /** Bytes of one part of an upload that outlives the process: what is sent again at most when it was killed. */
  readonly stretchBytes: number;
  /** Uploads that outlive the process; `undefined` when nothing does. */
  readonly uploads: UploadMemory | undefined;
  /** Blobs from this size travel on a lane of their own, in bytes, and HEADs on another; infinite for neither. */
  readonly laneFromBytes: number;
  /** Which addresses nobody outside may send us to: the tests have others than the world. */
  readonly isLocalAddress: (address: string) => boolean;
}

/** As many as runs of entries are under way at once, and their targets. */
const keptRepositories = 64;

/** A piece of an upload is held in memory: hosts do not decide alone how large it is. Spec: regsync.md §7.12. */
export const usualPieceLimitBytes = 1024 * 1024 * 1024;

/** Each part costs a request, and is what a killed process loses at most. */
export const usualStretchBytes = 32 * 1024 * 1024;

/**
 * The client for all registries: one pool of connections, one pace and one login for each host, shared by all that is
 * done there. Satisfies `Stores`, for registries.
 */
export class RegistryClient implements AsyncDisposable {
  readonly #parts: RegistryClientParts;
  readonly #transport: Transport;
  readonly #access: AccessParts;
  readonly #metrics: ClientMetrics;
  readonly #watch: Disposable;
  readonly #memory: RepositoryMemory;
  readonly #subjects = new KeyedLock();
  readonly #vendors = new Vendors((name) => this.#hostOf(name));
  readonly #hosts = new Map<string, HostSettings>();
  /** Those used last: each tag of a repository asks for it anew. */
  readonly #repositories = new LRUCache<string, RegistryRepository>({ max: keptRepositories });

  /** Throws `CONFIG_INVALID` for proxy variables that cannot be used. */
  constructor(parts: RegistryClientParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.#transport = new Transport({
      clock,
      log,
      trust: new Trust(parts.trust, log),
      proxyFor: proxyFinder(parts.proxies),
      isLocalAddress: parts.isLocalAddress,
      userAgent: parts.userAgent,
      limits: parts.limits,
      laneFromBytes: parts.laneFromBytes,
    });
    this.#metrics = new ClientMetrics(parts.metrics);
    this.#access = stack(parts, this.#transport, this.#metrics);
    this.#watch = this.#metrics.watch(this.#access.traffic);
    this.#memory = new RepositoryMemory(parts.cache, clock);
  }

  /** The repository a reference is in. */
  repository(at: { readonly registry: string; readonly repository: string }): RegistryRepository {
    const key = `${at.registry}/${at.repository}`;
    const known = this.#repositories.get(key);
    if (known !== undefined) return known;
    const host = this.#hostOf(at.registry);
    const mirrors = host.mirrors.filter((name) => name !== host.name).map((name) => this.#hostOf(name));
    const access = new RepositoryAccess(host, mirrors, at.repository, this.#access);
    const repository = new RegistryRepository(access, this.#memory, this.#subjects, this.#vendors);
    this.#repositories.set(key, repository);
    return repository;
  }

  /** Every repository of a registry, in its order. */
  listRepositories(registry: string, signal: AbortSignal): Promise<readonly string[]> {
    return listRepositories(this.#access.send, this.#hostOf(registry), signal);
  }

  /** Ends every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#transport[Symbol.asyncDispose]();
  }

  #hostOf(name: string): HostSettings {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = this.#parts.hosts(name);
    this.#hosts.set(name, host);
    this.#metrics.show(host.name);
    return host;
  }
}

/** The layers, from the wire upwards. */
function stack(parts: RegistryClientParts, transport: Transport, metrics: ClientMetrics): AccessParts {
  const { clock, log, pieceLimitBytes, stretchBytes, uploads } = parts;
  const traffic = new Traffic(clock);
  const of = (host: HostSettings): HostTraffic => traffic.of(host);
  const wire: Send = (request, signal) => transport.send(request, signal);
  const counted = parts.metrics === noMetrics ? wire : withMetrics(wire, metrics, clock);
  const observed = withWarnings(withTrace(counted, log, clock), log);
  const redirected = withRedirects(observed);
  const adapted = withAdaptiveWidth(redirected, (host) => of(host).width, clock);
  const spaced = withSpacing(adapted, (host) => of(host).spacing, clock);
  const loggedIn = parts.login(spaced, withTokenMetrics(plainFetchOver(redirected, observed), metrics));
  const retried = withRetry(loggedIn, (host) => of(host).pace, clock, log, metrics);
  const send = withSlots(retried, (host) => of(host).width.slots);
  const sendElsewhere = withRetry(redirected, (host) => of(host).pace, clock, log, metrics);
  return { send, sendElsewhere, traffic, clock, log, pieceLimitBytes, stretchBytes, uploads };
}
