/** The world outside, as a template sees it: nothing else is read. Spec: regsync.md §3.2. */
export interface TemplateWorld {
  /** The value of an environment variable; `""` when it is not set. */
  env(name: string): string;
  /** The content of a file; `undefined` when it cannot be read. */
  file(path: string): string | undefined;
  /** Epoch milliseconds. */
  now(): number;
  /** The IANA name of the local time zone (`UTC`, `Europe/Berlin`). */
  readonly timeZone: string;
}
