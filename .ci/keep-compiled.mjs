/**
 * Has V8 compile what the bundle needs most often, and keeps it: a pass over a mirror in which nothing has changed.
 * What only some runs need, such as copying, V8 compiles when they do.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("run-and-keep.mjs", import.meta.url));

/** Leaves what was compiled beside the bundle. Rejects when the program does not do what it is asked. */
export async function keepCompiled(bundle) {
  const folder = await mkdtemp(join(tmpdir(), "regsync-compile-"));
  const registry = createServer(answer).listen(0, "127.0.0.1");
  try {
    await once(registry, "listening");
    const file = join(folder, "regsync.yml");
    await writeFile(file, configFor(`127.0.0.1:${registry.address().port}`));
    for (const command of ["config", "check", "once"]) {
      const args = [program, bundle, command, "-c", file];
      await promisify(execFile)(process.execPath, args, { env: { HOME: folder }, timeout: 60_000 });
    }
  } finally {
    registry.closeAllConnections();
    registry.close();
    await rm(folder, { recursive: true });
  }
}

function configFor(host) {
  return `version: 1
creds:
  - registry: ${host}
    tls: disabled
defaults:
  parallel: 2
  interval: 60m
sync:
  - source: ${host}/source
    target: ${host}/target
    type: repository
    tags:
      allow: ["v.*"]
`;
}

/** A registry in which every tag of every repository names the same image. */
function answer({ url }, response) {
  if (url.includes("/tags/list")) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: "source", tags: Array.from({ length: 20 }, (_, number) => `v${number}`) }));
    return;
  }
  response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
  response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`);
  response.setHeader("content-length", 1_000);
  response.end();
}
