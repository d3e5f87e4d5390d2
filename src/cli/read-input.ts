import { constants, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { Failure, Interrupted, messageOf, systemCodeOf } from "../base/failure.ts";
import { readFile } from "../base/read-files.ts";
import { orAborted } from "../base/together.ts";
import type { World } from "./world.ts";

/** The configuration could not be read as text. */
class ConfigUnreadable extends Failure {
  readonly code = "CONFIG_UNREADABLE";
  readonly file: string;

  constructor(file: string, reason: string, cause: unknown) {
    super(`the configuration ${file} cannot be read: ${reason}`, { cause });
    this.file = file;
  }
}

const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ["EACCES", "its permissions forbid it"],
  ["EISDIR", "it is a folder, and not a file"],
  ["ENOENT", "there is no such file"],
]);

/**
 * The text of a file, or of standard input for `-`.
 *
 * Throws `CONFIG_UNREADABLE`, also when it is not UTF-8; `INTERRUPTED` when nobody goes on typing.
 */
export async function readInput(path: string, { stdin, signal }: World): Promise<string> {
  const file = inputName(path);
  let bytes: Uint8Array;
  try {
    bytes = await orAborted(
      path === "-" ? readAll(stdin()) : isPipe(path) ? readPipe(path, signal) : readFile(path),
      signal,
    );
  } catch (thrown) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    throw new ConfigUnreadable(file, reasons.get(systemCodeOf(thrown)) ?? messageOf(thrown), thrown);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw new ConfigUnreadable(file, "it is not UTF-8 text; save it in that encoding", thrown);
  }
}

/**
 * Whether reading it once more gives what it says then: standard input and pipes are empty the second time, or wait for
 * ever.
 */
export function canBeReadAgain(path: string): boolean {
  return path !== "-" && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
}

/** How the input is called in complaints. */
export function inputName(path: string): string {
  return path === "-" ? "stdin" : path;
}

function isPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/**
 * Waits for who writes to a pipe, as long as it takes. What reads files would wait in a thread that nobody can wake up,
 * and without which the process cannot end.
 */
async function readPipe(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return await readAll(new Socket({ fd, readable: true, writable: false, signal }));
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks);
}
