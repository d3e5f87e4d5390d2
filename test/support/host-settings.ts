import type { HostSettings } from "../../src/registry/settings.ts";

/** Settings of a host on `hostname` with nothing configured but plain HTTP, and what a test wants different. */
export function hostSettings(hostname: string, changes: Partial<HostSettings> = {}): HostSettings {
  return {
    name: hostname,
    hostname,
    tls: "disabled",
    caPem: "",
    clientCertPem: "",
    clientKeyPem: undefined,
    pathPrefix: "",
    mirrors: [],
    priority: 0,
    repoAuth: false,
    login: { kind: "anonymous" },
    realms: [],
    blobChunkBytes: 1024 * 1024,
    blobMaxBytes: -1,
    requestsPerSecond: 0,
    concurrency: undefined,
    disableHead: false,
    digestListing: "off",
    ...changes,
  };
}
