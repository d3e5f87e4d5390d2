import type { Clock } from "./base/clock.ts";
import { Failure } from "./base/failure.ts";
import { buildInfo } from "./cli/build-info.ts";
import type { Plan, PlannedTimeLimits } from "./config/plan.ts";
import { Layouts } from "./layout/layouts.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { Reference } from "./oci/reference.ts";
import type { Repository, Stores } from "./oci/store.ts";
import { RegistryClient, usualPieceLimitBytes, usualStretchBytes } from "./registry/client.ts";
import { readDockerHosts } from "./registry/credentials/docker-hosts.ts";
import { Helpers } from "./registry/credentials/helpers.ts";
import { buildHosts } from "./registry/hosts.ts";
import { Logins } from "./registry/login/logins.ts";
import { withLogin } from "./registry/login/with-login.ts";
import { isLocalAddress } from "./registry/transport/local-address.ts";
import { type TimeLimits, usualTimeLimits } from "./registry/transport/time-limits.ts";
import type { UploadMemory } from "./registry/upload-memory.ts";

/** What stores live in. */
export interface StoreSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Uploads that outlive the process; `undefined` when nothing does. */
  readonly uploads: UploadMemory | undefined;
  /** Blobs from this size travel on a lane of their own, in bytes; infinite for none. */
  readonly laneFromBytes: number;
  /** Ends the opening, not the stores. */
  readonly signal: AbortSignal;
}

/** Where docker keeps what it knows of single registries' certificates. Spec: regsync.md §7.5. */
const dockerCertificates = "/etc/docker/certs.d";

/** A reference of a kind that can be written down but not opened. */
class SchemeUnsupported extends Failure {
  readonly code = "UNSUPPORTED";

  constructor(reference: Reference) {
    super(`${reference.text}: nothing can be read from or written to ${reference.scheme}://`);
  }
}

/** Registries and layouts behind one door, closed together. */
export class OpenStores implements Stores, AsyncDisposable {
  readonly #client: RegistryClient;
  readonly #layouts: Layouts;

  private constructor(client: RegistryClient, layouts: Layouts) {
    this.#client = client;
    this.#layouts = layouts;
  }

  static async open(plan: Plan, surroundings: StoreSurroundings): Promise<OpenStores> {
    const { env, clock, log, metrics, uploads, laneFromBytes, signal } = surroundings;
    const variable = (name: string): string => env[name] ?? "";
    const rules = { environment: env, clock };
    const dockerPlaces = {
      configFolder: variable("DOCKER_CONFIG"),
      home: variable("HOME"),
      authConfig: variable("DOCKER_AUTH_CONFIG"),
    };
    const docker = plan.skipDockerConfig
      ? { docker: [], env: [] }
      : await readDockerHosts(dockerPlaces, rules, log, signal);
    const userAgent = plan.userAgent || `regclient/regsync (${buildInfo.vcsTag})`;
    const helpers = new Helpers({ ...rules, log });
    const client = new RegistryClient({
      hosts: buildHosts({ ...docker, creds: plan.hosts, digestListing: plan.digestListing }, log),
      login: (send, fetch) => withLogin(send, new Logins({ fetch, helpers, clock, log, clientId: userAgent })),
      clock,
      log,
      metrics,
      userAgent,
      proxies: {
        httpProxy: variable("HTTP_PROXY") || variable("http_proxy"),
        httpsProxy: variable("HTTPS_PROXY") || variable("https_proxy"),
        noProxy: variable("NO_PROXY") || variable("no_proxy"),
      },
      trust: {
        file: variable("SSL_CERT_FILE"),
        folder: variable("SSL_CERT_DIR"),
        hostFolders: plan.skipDockerConfig ? "" : dockerCertificates,
      },
      limits: timeLimits(plan.timeLimits),
      cache: { count: plan.cacheCount, timeMs: plan.cacheTimeMs },
      pieceLimitBytes: plan.blobLimitBytes ?? usualPieceLimitBytes,
      stretchBytes: usualStretchBytes,
      uploads,
      laneFromBytes,
      isLocalAddress,
    });
    const layouts = new Layouts({ clock, createdMs: epochMs(variable("SOURCE_DATE_EPOC")) });
    return new OpenStores(client, layouts);
  }

  repository(at: Reference): Repository {
    switch (at.scheme) {
      case "reg":
        return this.#client.repository(at);
      case "ocidir":
        return this.#layouts.repository(at.path);
      case "ocifile":
        throw new SchemeUnsupported(at);
    }
  }

  listRepositories(registry: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#client.listRepositories(registry, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    this.#layouts[Symbol.dispose]();
  }
}

/** The limits that the file sets, and the usual ones for the others. Spec: regsync.md row 0.14. */
function timeLimits({ connectMs, tlsMs, headersMs, commitMs, stallMs }: PlannedTimeLimits): TimeLimits {
  return {
    connectMs: connectMs ?? usualTimeLimits.connectMs,
    tlsMs: tlsMs ?? usualTimeLimits.tlsMs,
    headersMs: headersMs ?? usualTimeLimits.headersMs,
    commitMs: commitMs ?? usualTimeLimits.commitMs,
    stallMs: stallMs ?? usualTimeLimits.stallMs,
  };
}

/** Unix seconds as a text, in milliseconds; `undefined` when it is not a number of them. */
function epochMs(seconds: string): number | undefined {
  return /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}
