import { asDigest } from "../../src/oci/digest.ts";
import { type Content, StoredRepositories, type StoredRepository } from "./fake-registry/content.ts";
import type { Incoming, Handler, RecordedRequest } from "./fake-registry/exchange.ts";
import type { Guard } from "./fake-registry/guard.ts";
import { FakeHost, type FakeHostOptions } from "./fake-registry/host.ts";
import { listReferrers, listRepositories, listTags } from "./fake-registry/listings.ts";
import { type ManifestOptions, readManifest, writeManifest } from "./fake-registry/manifests.ts";
import { ranged, refusal } from "./fake-registry/replies.ts";
import type { Reply } from "./fake-registry/reply.ts";
import { type Route, routeOf } from "./fake-registry/route.ts";
import type { Pattern } from "./fake-registry/script.ts";
import { type UploadOptions, Uploads } from "./fake-registry/uploads.ts";

/** What a fake registry is like without any script. All absent: open to everybody, and correct. */
export interface FakeRegistryOptions extends FakeHostOptions, ManifestOptions, UploadOptions {
  /** Who may come in; see `basicGuard` and `TokenServer.guard`. */
  readonly guard?: Guard;
  /** `"none"` is a registry from before the referrers API: 404, and no `OCI-Subject`. */
  readonly referrers?: "api" | "none";
  /** Tags, repositories or referrers in one page at most. */
  readonly pageSize?: number;
  /** Refuses everything that writes. */
  readonly readOnly?: boolean;
}

/**
 * A registry on loopback: OCI distribution 1.1 in memory, which does anything else when a test tells it to.
 *
 * `on`, `once` and `times` replace the answers to chosen requests by anything an HTTP server can do (see
 * `fake-registry/reply.ts`; common ones are ready in `fake-registry/replies.ts`); `requests`, `count` and
 * `conversation` say what was asked. Its content is looked at and changed through `repository`.
 *
 *     await using registry = await FakeRegistry.start({ guard: basicGuard({ me: "secret" }) });
 *     registry.repository("a/b").add(makeImage({ seed: 1 }), "v1");
 *     registry.once("GET /v2/a/b/tags/list", { status: 429, headers: { "retry-after": "7" } });
 */
export class FakeRegistry implements AsyncDisposable {
  readonly host: FakeHost;
  readonly uploads: Uploads;
  readonly #repositories: StoredRepositories;

  private constructor(host: FakeHost, repositories: StoredRepositories, uploads: Uploads) {
    this.host = host;
    this.#repositories = repositories;
    this.uploads = uploads;
  }

  static async start(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
    const repositories = new StoredRepositories();
    const uploads = new Uploads(options, repositories);
    const host = await FakeHost.start(options, (incoming) => answer(incoming, options, repositories, uploads));
    return new FakeRegistry(host, repositories, uploads);
  }

  /** `host:port`, as references and configurations name it. */
  get name(): string {
    return this.host.name;
  }

  get url(): URL {
    return this.host.url;
  }

  /** The content of a repository, which exists from now on. */
  repository(name: string): StoredRepository {
    return this.#repositories.get(name);
  }

  /** Adds content to a repository, with these tags for its last manifest. */
  add(repository: string, content: Content, ...tags: readonly string[]): void {
    this.repository(repository).add(content, ...tags);
  }

  /** See `FakeHost.on`. */
  on(pattern: Pattern, handler: Handler): void {
    this.host.on(pattern, handler);
  }

  /** See `FakeHost.once`. */
  once(pattern: Pattern, handler: Handler): void {
    this.host.once(pattern, handler);
  }

  /** See `FakeHost.times`. */
  times(times: number, pattern: Pattern, handler: Handler): void {
    this.host.times(times, pattern, handler);
  }

  /** See `FakeHost.requests`. */
  requests(pattern?: Pattern): readonly RecordedRequest[] {
    return this.host.requests(pattern);
  }

  /** See `FakeHost.count`. */
  count(pattern?: Pattern): number {
    return this.host.count(pattern);
  }

  /** See `FakeHost.conversation`. */
  conversation(pattern?: Pattern): readonly string[] {
    return this.host.conversation(pattern);
  }

  /** See `FakeHost.forget`. */
  forget(): void {
    this.host.forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.host[Symbol.asyncDispose]();
  }
}

/** The answer of a registry that is as it should be. Spec: OCI distribution-spec v1.1. */
async function answer(
  incoming: Incoming,
  options: FakeRegistryOptions,
  repositories: StoredRepositories,
  uploads: Uploads,
): Promise<Reply> {
  const { request } = incoming;
  const refused = options.guard?.(request);
  if (refused !== undefined) return refused;
  const route = routeOf(request.path);
  if (route === undefined)
    return { status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found\n" };
  const reads = request.method === "GET" || request.method === "HEAD";
  if (!reads && options.readOnly === true) return refusal(405, "DENIED", "the registry is read-only");
  if (route.kind === "upload") return await uploads.proceed(incoming, route.reference);
  if (reads && route.kind !== "uploads") return read(request, route, options, repositories);
  if (request.method === "POST" && route.kind === "uploads") return await uploads.begin(incoming, route.name);
  if (request.method === "PUT" && route.kind === "manifest") {
    const repository = repositories.get(route.name);
    return await writeManifest(
      incoming,
      route.name,
      repository,
      route.reference,
      options,
      options.referrers !== "none",
    );
  }
  return refusal(405, "UNSUPPORTED", "the operation is unsupported");
}

function read(
  request: RecordedRequest,
  route: Exclude<Route, { kind: "upload" | "uploads" }>,
  options: FakeRegistryOptions,
  repositories: StoredRepositories,
): Reply {
  const page = options.pageSize ?? Number.POSITIVE_INFINITY;
  if (route.kind === "ping") return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
  if (route.kind === "catalog") return listRepositories(request, repositories.names(), page);
  if (route.kind === "referrers" && options.referrers === "none") return { status: 404, body: "404 page not found\n" };
  const repository = repositories.find(route.name);
  if (repository === undefined) return refusal(404, "NAME_UNKNOWN", "repository name not known to registry");
  if (route.kind === "manifest") return readManifest(repository, route.reference);
  if (route.kind === "blob") return readBlob(request, repository, route.reference);
  if (route.kind === "tags") return listTags(request, route.name, repository, page);
  return listReferrers(request, repository, route.reference, page);
}

function readBlob(request: RecordedRequest, repository: StoredRepository, reference: string): Reply {
  const digest = asDigest(reference);
  const body = digest && repository.blobs.get(digest);
  if (digest === undefined || body === undefined) return refusal(404, "BLOB_UNKNOWN", "blob unknown to registry");
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
  };
  const whole = { status: 200, headers, body };
  return request.method === "GET" ? ranged(whole, request.headers.range) : whole;
}
