import { createLog } from "../observe/create-log.ts";
import type { Log } from "../observe/log.ts";
import type { LogFlags } from "./invocation.ts";
import type { World } from "./world.ts";

/** What every command is handed besides its own flags. */
export interface Session {
  readonly world: World;
  readonly logFlags: LogFlags;
}

/** The log that was asked for. Its lines go to standard error, or to whoever stands in front of it. */
export function openLog({ world, logFlags }: Session, write = (line: string) => world.stderr.write(line)): Log {
  return createLog({ ...logFlags, write, now: () => world.clock.now() });
}
