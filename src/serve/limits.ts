/** What one peer can take of the listener. Times in milliseconds, sizes in bytes. */
export interface ListenerLimits {
  /** The request line and all headers together. */
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** Until the last header is there, and until the whole request is. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** A connection on which nothing moves: a peer that does not read its answer. */
  readonly idleMs: number;
  /** Until an answer is taken, also by a peer that reads a byte now and then. */
  readonly answerMs: number;
  /** Between two requests. Longer than what probes and scrapers leave between connections is not worth it. */
  readonly keepAliveMs: number;
  readonly connections: number;
  /** Requests that are being answered when the listener closes. */
  readonly drainMs: number;
  /** How often connections are looked at for what is late. */
  readonly checkingMs: number;
}

/** The path and query of a request, in characters: names of entries are part of them. */
export const targetLimit = 4_096;

/** Generous for probes, scrapers and people, and nothing for anybody else. */
export const usualListenerLimits: ListenerLimits = {
  headerBytes: 8 * 1024,
  bodyBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 15_000,
  idleMs: 30_000,
  answerMs: 60_000,
  keepAliveMs: 5_000,
  connections: 256,
  drainMs: 5_000,
  checkingMs: 1_000,
};
