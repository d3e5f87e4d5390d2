import { noMetrics } from "../../src/observe/metrics.ts";
import {
  RegistryClient,
  type RegistryClientParts,
  usualPieceLimitBytes,
  usualStretchBytes,
} from "../../src/registry/client.ts";
import type { RegistryRepository } from "../../src/registry/repository.ts";
import type { HostSettings } from "../../src/registry/settings.ts";
import { isLocalAddress } from "../../src/registry/transport/local-address.ts";
import { usualTimeLimits } from "../../src/registry/transport/time-limits.ts";
import { FakeClock } from "./fake-clock.ts";
import { hostSettings } from "./host-settings.ts";
import { RecordingLog } from "./silent-log.ts";

/** What a test wants different from a client that knows nothing and logs in nowhere. */
export interface TestClientOptions extends Partial<Omit<RegistryClientParts, "hosts" | "clock" | "log">> {
  /** What is configured for each host, by name. */
  readonly hosts?: Readonly<Record<string, Partial<HostSettings>>>;
  readonly clock?: FakeClock;
}

/** A whole registry client over plain HTTP, whose sleeps take no time. */
export class TestClient implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly log = new RecordingLog();
  readonly client: RegistryClient;

  constructor(options: TestClientOptions = {}) {
    const { hosts = {}, clock = new FakeClock(), ...parts } = options;
    this.clock = clock;
    this.client = new RegistryClient({
      hosts: (name) => hostSettings(name, hosts[name]),
      login: (send) => send,
      clock,
      log: this.log,
      metrics: noMetrics,
      userAgent: "regsync-test",
      proxies: { httpProxy: "", httpsProxy: "", noProxy: "" },
      trust: { file: "", folder: "", hostFolders: "" },
      limits: usualTimeLimits,
      cache: { count: 0, timeMs: 0 },
      pieceLimitBytes: usualPieceLimitBytes,
      stretchBytes: usualStretchBytes,
      uploads: undefined,
      laneFromBytes: laneFromBytesOfTests(),
      isLocalAddress,
      ...parts,
    });
  }

  /** The repository `a/b`, or another one, of a registry. */
  repository(registry: { readonly name: string }, repository = "a/b"): RegistryRepository {
    return this.client.repository({ registry: registry.name, repository });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client[Symbol.asyncDispose]();
  }
}

/** A signal that nobody aborts, for tests that do not care. */
export function unhurried(): AbortSignal {
  return new AbortController().signal;
}

/** Set while tests run once more over the lane for blobs, which takes every body then. */
export const laneVariable = "REGSYNC_TEST_BLOB_LANE";

function laneFromBytesOfTests(): number {
  return process.env[laneVariable] === undefined ? Number.POSITIVE_INFINITY : 1;
}
