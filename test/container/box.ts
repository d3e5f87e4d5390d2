import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageConfig } from "./buildah.ts";

/** The unpacked content of an image, and how it is run. */
export interface Image {
  readonly root: string;
  readonly config: ImageConfig;
}

/** What is different from how the image says it is run. */
export interface BoxOptions {
  /** `1000:1000`. */
  readonly user?: string;
  /** Paths inside, and the files and folders of this machine that are seen there. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** How it ended. */
export interface BoxResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program inside, while it runs. Disposing ends it. */
interface Box extends AsyncDisposable {
  readonly ended: Promise<BoxResult>;
  /** Everything it printed so far. */
  output(): string;
  /** Sends a signal to process 1 of the box. */
  signal(name: NodeJS.Signals): Promise<void>;
}

/**
 * Lays the box out and becomes the program in it. Everything happens in name spaces of its own, and is gone with them.
 * `$1` is the root, `$2` the user, then pairs of what is mounted and where, `--`, and the program. `PATH` is the image's.
 */
const script = `set -e
root=$1; user=$2; shift 2
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec /usr/sbin/chroot --userspec="$user" --groups= "$root" "$@"
`;

/** How long anything in a box may take. */
const limitMs = 60_000;

/**
 * Starts a program of an image as an engine does that is told to be strict: as the image's user, on a root that cannot
 * be written to, as process 1, with the image's environment alone. The network is this machine's. Needs root.
 */
export async function startInBox(
  { root, config }: Image,
  command: readonly string[],
  { user = config.User, mounts = {}, env = {} }: BoxOptions = {},
): Promise<Box> {
  const binds = Object.entries(mounts);
  for (const [inside] of binds) {
    if (!existsSync(join(root, inside))) await mkdir(join(root, inside), { recursive: true });
  }
  const pairs = binds.flatMap(([inside, outside]) => [outside, inside]);
  const spaces = ["--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", script, "sh"];
  const child = spawn("/usr/bin/unshare", [...spaces, root, user, ...pairs, "--", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environmentOf(config), ...env },
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = once(child, "close").then(([exit]) => ({ exit: exit as number | null, stdout, stderr })); // as the event gives it
  return {
    ended,
    output: () => stdout + stderr,
    signal: async (name) => {
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
      process.kill(Number(children), name);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a program of an image to its end. */
export async function runInBox(image: Image, command: readonly string[], options?: BoxOptions): Promise<BoxResult> {
  await using box = await startInBox(image, command, options);
  return await box.ended;
}

function environmentOf({ Env }: ImageConfig): Record<string, string> {
  return Object.fromEntries(Env.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
