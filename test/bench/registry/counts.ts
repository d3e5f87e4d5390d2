/** What one side of a run was asked, since the last time that was looked at. */
export interface SideCounts {
  /** Requests by what they are: `HEAD manifest`, `POST mount`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Answers of 400 and above, by status. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly connections: number;
  /** Bytes of blobs that were sent out. */
  readonly blobBytesRead: number;
  /** Bytes of blobs that were taken in. */
  readonly blobBytesWritten: number;
}

/** Counts while a run goes on. */
export class Counter {
  readonly #requests = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  connections = 0;
  blobBytesRead = 0;
  blobBytesWritten = 0;

  request(kind: string): void {
    this.#requests.set(kind, (this.#requests.get(kind) ?? 0) + 1);
  }

  refusal(status: number): void {
    const key = String(status);
    this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + 1);
  }

  get all(): SideCounts {
    const { connections, blobBytesRead, blobBytesWritten } = this;
    const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
      Object.fromEntries([...counts].toSorted(([a], [b]) => a.localeCompare(b)));
    return {
      requests: sorted(this.#requests),
      refusals: sorted(this.#refusals),
      connections,
      blobBytesRead,
      blobBytesWritten,
    };
  }
}

/** All requests of a side. */
export function requestsOf({ requests }: SideCounts): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}
