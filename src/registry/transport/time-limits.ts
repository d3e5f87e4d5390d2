/** How long each part of an exchange may take, in milliseconds. Nothing limits the whole. */
export interface TimeLimits {
  readonly connectMs: number;
  readonly tlsMs: number;
  /** From asking to the head of the answer. */
  readonly headersMs: number;
  /** The same after an upload: the host may be busy with what it got. */
  readonly commitMs: number;
  /** Without a byte of a body, in either direction. */
  readonly stallMs: number;
}

/** Limits that tell a slow host from a dead one. Spec: regsync.md row 0.14, registry-protocol.md §7.7. */
export const usualTimeLimits: TimeLimits = {
  connectMs: 30_000,
  tlsMs: 10_000,
  headersMs: 60_000,
  commitMs: 15 * 60_000,
  stallMs: 60_000,
};
