import type { Secret } from "../base/secret.ts";

/** How a host is spoken to. `insecure` is TLS without verification, `disabled` is plain HTTP. */
export type TlsMode = "enabled" | "insecure" | "disabled";

/**
 * Whether a host's word for what its tags stand for saves asking for each: never, when it comes with the list of tags,
 * or also from the vendor's own interface.
 */
export type DigestListing = "off" | "auto" | "api";

/**
 * What one place (an item of `creds`, docker's configuration) says about one registry. `undefined` says nothing:
 * several places are merged field by field. Spec: regsync.md §2.2.
 */
export interface HostOptions {
  /** As written: `docker.io`, `http://registry.test:5000`, `https://index.docker.io/v1/`. */
  readonly registry: string;
  readonly hostname: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  /** An identity (refresh) token. */
  readonly token: Secret | undefined;
  /** The whole name of a helper program: `docker-credential-ecr-login`. */
  readonly credHelper: string | undefined;
  readonly credExpireMs: number | undefined;
  readonly credHost: string | undefined;
  readonly tls: TlsMode | undefined;
  readonly caPem: string | undefined;
  readonly clientCertPem: string | undefined;
  readonly clientKeyPem: Secret | undefined;
  readonly pathPrefix: string | undefined;
  readonly mirrors: readonly string[] | undefined;
  readonly priority: number | undefined;
  readonly repoAuth: boolean | undefined;
  readonly blobChunkBytes: number | undefined;
  readonly blobMaxBytes: number | undefined;
  readonly requestsPerSecond: number | undefined;
  readonly concurrency: number | undefined;
  readonly digestListing: DigestListing | undefined;
  /** Known keys: `disableHead: "true"`; `trustedRealm`, hosts separated by commas that may be given the login. */
  readonly apiOpts: Readonly<Record<string, string>> | undefined;
}

/** Says nothing about a registry. */
export function emptyHostOptions(registry: string): HostOptions {
  return {
    registry,
    hostname: undefined,
    user: undefined,
    password: undefined,
    token: undefined,
    credHelper: undefined,
    credExpireMs: undefined,
    credHost: undefined,
    tls: undefined,
    caPem: undefined,
    clientCertPem: undefined,
    clientKeyPem: undefined,
    pathPrefix: undefined,
    mirrors: undefined,
    priority: undefined,
    repoAuth: undefined,
    blobChunkBytes: undefined,
    blobMaxBytes: undefined,
    requestsPerSecond: undefined,
    concurrency: undefined,
    digestListing: undefined,
    apiOpts: undefined,
  };
}
