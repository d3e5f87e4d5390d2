import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { toolPath } from "../support/tools.ts";

const run = promisify(execFile);

/** What an image says of how it is run, as far as it is looked at here. Keys as in its configuration. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Builds and keeps images in a folder of its own, without a container engine and without the machine's own storage. */
export class Buildah {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Follows a Dockerfile. No image is pulled: those that it begins with must be here. */
  async build(tag: string, context: string, options: readonly string[]): Promise<void> {
    const how = ["--isolation", "chroot", "--format", "docker", "--pull-never", "--quiet"];
    await this.#run(["bud", ...how, ...options, "--tag", tag, context]);
  }

  async configOf(tag: string): Promise<ImageConfig> {
    const format = "{{ .Config }}";
    const text = await this.#run(["inspect", "--type", "image", "--format", format, tag]);
    return (JSON.parse(text) as { readonly config: ImageConfig }).config; // of Docker's format, in which it was built
  }

  /** Lays the content of an image out in a folder, and gives that folder. */
  async unpack(tag: string): Promise<string> {
    const container = await this.#run(["from", "--pull-never", tag]);
    return await this.#run(["mount", container]);
  }

  /** Gives what it printed. Rejects with what it complained about. */
  async #run([command = "", ...args]: readonly string[]): Promise<string> {
    const temp = join(this.#folder, "temp");
    await mkdir(temp, { recursive: true });
    const place = ["--root", join(this.#folder, "images"), "--runroot", join(this.#folder, "run")];
    const { stdout } = await run(toolPath("buildah"), [...place, "--storage-driver", "vfs", command, ...args], {
      env: { ...process.env, TMPDIR: temp },
      timeout: 5 * 60_000,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.trim();
  }
}
