/** One line of the program's log in JSON form. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The log lines among what the program wrote to stderr with `--logopt json`; other lines are left out. */
export function parseLog(stderr: string): readonly LogLine[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine); // the program's own form: a line that is none fails the test
}
