import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for one test, removed when disposed. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty folder. `purpose` is part of its name, for who finds one left behind. */
export async function makeTempFolder(purpose: string): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `regsync-${purpose}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
