/** The labels of one series: every name of the family, each with one of few values; never a tag, digest or address. */
export type Labels<Name extends string> = Readonly<Record<Name, string>>;

/** Only grows. A series that was named once, with 0, is shown from then on. */
export interface Counter<Name extends string> {
  add(amount: number, labels: Labels<Name>): void;
  /** Shows the series no longer: what it was about is gone. */
  remove(labels: Labels<Name>): void;
}

/** Goes up and down. */
export interface Gauge<Name extends string> {
  set(value: number, labels: Labels<Name>): void;
  /** Shows the series no longer: what it was about is gone. */
  remove(labels: Labels<Name>): void;
}

/** Counts values by size. */
export interface Histogram<Name extends string> {
  observe(value: number, labels: Labels<Name>): void;
  /** Shows the series from now on, with nothing observed yet. */
  show(labels: Labels<Name>): void;
  /** Shows the series no longer: what it was about is gone. */
  remove(labels: Labels<Name>): void;
}

/** A family of series. */
export interface Family<Name extends string> {
  /** With the prefix and the unit: `regsync_bytes_total`. */
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly help: string;
  readonly labels: readonly Name[];
}

/**
 * Where a room gets its metrics from. A family belongs to one room; whoever asks for it again, as a client does that
 * was built anew after a reload, gets the same series.
 */
export interface Metrics {
  counter<Name extends string>(family: Family<Name>): Counter<Name>;
  gauge<Name extends string>(family: Family<Name>): Gauge<Name>;
  /** `buckets` are upper bounds, in the unit of the name. */
  histogram<Name extends string>(family: Family<Name>, buckets: readonly number[]): Histogram<Name>;
  /** Calls `act` whenever somebody is about to read, for what is looked up rather than counted; until disposed. */
  beforeReading(act: () => void): Disposable;
}

const nothing = {
  add: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  show: () => undefined,
  remove: () => undefined,
};

/** Counts nothing: for commands that nobody asks for metrics. */
export const noMetrics: Metrics = {
  counter: () => nothing,
  gauge: () => nothing,
  histogram: () => nothing,
  beforeReading: () => ({ [Symbol.dispose]: () => undefined }),
};
