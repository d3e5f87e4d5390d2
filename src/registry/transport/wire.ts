import type { Dispatcher } from "undici";

/** A request as it goes out. */
export interface WireRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Its length is said in the headers. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly signal: AbortSignal;
}

/** The body of an answer, read by whoever iterates it. */
export interface WireBody extends AsyncIterable<Uint8Array> {
  /** Whether nothing more can be read. */
  readonly destroyed: boolean;
  /** Ends the transfer; with an error, for whoever is reading. Nothing when it has ended. */
  destroy(error?: Error): void;
}

/** An answer whose body has not been read. */
export interface WireResponse {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly body: WireBody;
}

/** What carries requests: undici, or the blob lane. */
export interface Wire {
  /** Whether pieces of a request's body are copied first, since they are needed longer than they are lent. */
  readonly copiesPieces: boolean;
  /** Throws the errors of the connection as they are, and the signal's reason or any other error once it aborted. */
  request(request: WireRequest): Promise<WireResponse>;
}
