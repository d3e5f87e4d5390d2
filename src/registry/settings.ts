import type { Secret } from "../base/secret.ts";
import type { DigestListing, TlsMode } from "../oci/host.ts";

/** What the user (the file, docker's configuration) says about one registry name, merged and complete. */
export interface HostSettings {
  /** The name used in references: `docker.io`, `registry.example.com:5000`. */
  readonly name: string;
  /** `host[:port]` that is dialled: `registry-1.docker.io`. */
  readonly hostname: string;
  readonly tls: TlsMode;
  /** PEM of extra certificate authorities, or `""`. */
  readonly caPem: string;
  readonly clientCertPem: string;
  readonly clientKeyPem: Secret | undefined;
  /** Inserted behind `/v2/` for every repository request; no slashes at its ends; `""` when unset. */
  readonly pathPrefix: string;
  /** Names of other registries asked first for reads. */
  readonly mirrors: readonly string[];
  /** Sort key among mirrors: the highest first. */
  readonly priority: number;
  /** Every repository asks for its own way to log in, instead of all in the way that the first one learned. */
  readonly repoAuth: boolean;
  readonly login: Login;
  /** Hosts (`auth.example.com`) that may be given the login besides the usual ones, when this host sends us there. */
  readonly realms: readonly string[];
  /** Bytes sent in one PATCH of a chunked upload. */
  readonly blobChunkBytes: number;
  /** Blobs above this go in chunks at once; -1 always tries one PUT first. */
  readonly blobMaxBytes: number;
  /** Starts of requests per second; 0 is unlimited. */
  readonly requestsPerSecond: number;
  /** Requests at once; `undefined` adapts to how the host answers. */
  readonly concurrency: number | undefined;
  /** Never send HEAD to this host. */
  readonly disableHead: boolean;
  readonly digestListing: DigestListing;
}

/** What there is to log in with. */
export type Login =
  | { readonly kind: "anonymous" }
  | { readonly kind: "password"; readonly user: string; readonly password: Secret }
  | { readonly kind: "identityToken"; readonly token: Secret }
  | {
      readonly kind: "helper";
      /** The whole name of the program: `docker-credential-ecr-login`. */
      readonly program: string;
      /** What the helper is asked for. */
      readonly serverAddress: string;
      /** How long an answer is used, in milliseconds. */
      readonly expireMs: number;
    };
