/**
 * Has V8 compile what the bundle needs most often, and keeps it: a pass over a mirror in which nothing has changed, and
 * the question whether a server is well. What only some runs need, such as copying, V8 compiles when they do.
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
    const host = `127.0.0.1:${registry.address().port}`;
    const file = join(folder, "regsync.yml");
    await writeFile(file, configFor(host));
    const passes = ["config", "check", "once"].map((command) => [command, "-c", file]);
    for (const args of [...passes, ["health", "--listen", host]]) {
      const options = { env: { HOME: folder }, timeout: 60_000 };
      await promisify(execFile)(process.execPath, [program, bundle, ...args], options);
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

/** A registry in which every tag of every repository names the same image; it also answers as a server that is well. */
function answer({ method, url }, response) {
  if (method === "HEAD") {
    response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
    response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`);
    response.setHeader("content-length", 1_000);
  }
  const tags = Array.from({ length: 20 }, (_, number) => `v${number}`);
  response.end(url.includes("/tags/list") ? JSON.stringify({ name: "source", tags }) : "");
}
