import type { Lease } from "../base/limiter.ts";
import type { HostSettings } from "./settings.ts";

/** What a request will do in its repository, which is what a token must allow. */
export type Access = "pull" | "pull,push";

/** A body that can be sent again: bytes, or a function that opens them anew for each attempt. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly mediaType: string }
  | {
      readonly kind: "stream";
      readonly sizeBytes: number;
      readonly mediaType: string;
      readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array> & AsyncDisposable>;
    };

/**
 * How hard a request is tried. `retried`: again and again while the failure may pass. `once`: sent once, because the
 * caller knows better how to go on (parts of an upload); its failure still slows the host down. `probe`: sent once,
 * and its failure says nothing about the host (a mount nobody counts on).
 */
export type Effort = "retried" | "once" | "probe";

/** One request to one host of the registry. Everything the client adds is a layer over this. */
export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
  readonly host: HostSettings;
  /** The repository the request is about, for the token's scope; `undefined` for the catalogue. */
  readonly repository: string | undefined;
  readonly access: Access;
  /** A second repository whose content is read by the request (a mount); `undefined` for all others. */
  readonly mountFrom: string | undefined;
  /** Slots already held for a transfer; `undefined` takes one for this request alone. */
  readonly lease: Lease | undefined;
  /** Whether the body is a blob: it may take long, and goes behind small requests. */
  readonly large: boolean;
  /** How long the body of the answer will be, in bytes: infinite when it may be of any size, 0 when it is short. */
  readonly expectedBytes: number;
  readonly effort: Effort;
}

/** An answer whose body has not been read. Whoever gets it must read the body, or dispose it. */
export interface RegistryAnswer extends AsyncDisposable {
  readonly status: number;
  /** The first (or only) value of a header by its lower-case name; `undefined` when absent. */
  header(name: string): string | undefined;
  /** Every value of a header, one per line it came in. */
  headerLines(name: string): readonly string[];
  /** The address that answered, after redirects. */
  readonly url: URL;
  readonly body: AsyncIterable<Uint8Array>;
  /** A text out of this answer without what the request let us in with, which it may repeat. */
  masked(text: string): string;
}

/** One request, one answer. */
export type Send = (request: RegistryRequest, signal: AbortSignal) => Promise<RegistryAnswer>;
