import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTempFolder } from "./temp-folder.ts";

/** A credential helper that does what a test wants, in a folder of its own. */
export interface HelperProgram extends AsyncDisposable {
  /** The environment in which it is found. */
  readonly environment: Readonly<Record<string, string>>;
  /** `get https://registry.test` for every call so far: the action and what it read. */
  calls(): Promise<readonly string[]>;
  /** Makes it do something else from now on. */
  become(script: string): Promise<void>;
}

/**
 * Writes a program. `script` is for `sh`: it finds its action in `$1` and what was sent to it in `$input`.
 *
 * Nothing but its folder and those of the system's own programs are on the `PATH` of `environment`.
 */
export async function makeHelperProgram(name: string, script: string): Promise<HelperProgram> {
  const folder = await makeTempFolder("helper");
  const path = join(folder.path, name);
  const callsPath = join(folder.path, "calls");
  const become = async (script: string): Promise<void> => {
    const record = `input=$(cat); printf '%s %s\\n' "$1" "$input" >> "${callsPath}"`;
    await writeFile(path, `#!/bin/sh\n${record}\n${script}\n`);
    await chmod(path, 0o755);
  };
  await writeFile(callsPath, "");
  await become(script);
  return {
    environment: { PATH: `${folder.path}:/usr/bin:/bin` },
    calls: async () => (await readFile(callsPath, "utf8")).split("\n").filter((line) => line !== ""),
    become,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A script that gives this login, whatever it is asked for. */
export function givesLogin(user: string, secret: string): string {
  return `printf '%s' '${JSON.stringify({ ServerURL: "x", Username: user, Secret: secret })}'`;
}
