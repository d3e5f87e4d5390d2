import type { Log, LogFields } from "../observe/log.ts";
import type { EntryStatus, ServerStatus } from "../observe/server-status.ts";

/** Writes to the log what a server is doing: a line for each entry that runs, waits or is in trouble, and their sum. */
export function describeState(server: ServerStatus, log: Log): void {
  const entries = server.entries();
  for (const entry of entries) {
    if (entry.phase === "idle" && entry.troubles.length === 0) continue;
    log.info("State of an entry", describe(entry));
  }
  const running = entries.filter(({ phase }) => phase === "running").length;
  const waiting = entries.filter(({ phase }) => phase === "waiting").length;
  log.info("State of the server", { count: entries.length, running, waiting });
}

function describe({ name, phase, nextRunMs, copying, troubles }: EntryStatus): LogFields {
  return {
    entry: name,
    phase,
    ...(nextRunMs === undefined ? {} : { next: new Date(nextRunMs).toISOString() }),
    ...(copying.length === 0
      ? {}
      : { copying: copying.map(({ target, bytes, totalBytes }) => `${target} ${bytes}/${totalBytes}`) }),
    ...(troubles.length === 0 ? {} : { troubles }),
  };
}
