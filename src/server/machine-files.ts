import { createHash } from "node:crypto";
import { watch } from "node:fs";
import { readFile, stat } from "../base/read-files.ts";
import type { WatchedFiles } from "./config-watch.ts";

/** The files of this machine. */
export const machineFiles: WatchedFiles = {
  hash: async (path) =>
    createHash("sha256")
      .update(await contentOf(path))
      .digest("hex"),
  watch: (folder, act, onLost) => {
    const watcher = watch(folder, { persistent: false }, act);
    watcher.on("error", (failure) => {
      watcher.close();
      onLost(failure);
    });
    return { [Symbol.dispose]: () => watcher.close() };
  },
};

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    // Reading a pipe takes from whoever it is meant for, or waits for ever.
    return (await stat(path)).isFile() ? await readFile(path) : new Uint8Array();
  } catch {
    return new Uint8Array(); // what is not there now may be there later, and is noticed then
  }
}
