import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Digest, parseDigest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { configText } from "../support/config-text.ts";
import { makeBytes } from "../support/images.ts";
import { beginUpload, pushManifest, readDigest } from "../support/plain-client.ts";
import { runProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

// Copies an image of 2 GiB between two real registries, once into a registry and once into a layout, and fails when
// the program had more than 150 MB resident at any time. Run as `npm run test:large`; needs 8 GiB of disk.

const mebibyte = 1024 * 1024;
/** One layer that is large by itself, and several that go at the same time. */
const layerSizes = [1024, 256, 256, 256, 256].map((size) => size * mebibyte);
const limitKib = 150_000;
const limitMs = 15 * 60_000;

const recorder = fileURLToPath(new URL("../support/report-peak-memory.mjs", import.meta.url));

interface Layer {
  readonly digest: Digest;
  readonly size: number;
}

/** Content that no compression or deduplication makes smaller, cheap to make: one random MiB, numbered. */
function* contentOf(layer: number, sizeBytes: number): Generator<Uint8Array, void> {
  const piece = Buffer.from(makeBytes(layer + 1, mebibyte));
  for (let at = 0; at < sizeBytes; at += mebibyte) {
    const numbered = Buffer.from(piece);
    numbered.writeUInt32BE(at / mebibyte, 0);
    yield numbered;
  }
}

/** Sends content twice over: once through the hash, since an upload ends with its digest, and once to the registry. */
async function pushContent(host: string, repository: string, open: () => Iterable<Uint8Array>): Promise<Layer> {
  const hash = createHash("sha256");
  let size = 0;
  for (const chunk of open()) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  const digest = parseDigest(`sha256:${hash.digest("hex")}`);
  const answer = await fetch(await beginUpload(host, repository, digest), {
    method: "PUT",
    headers: { "content-type": "application/octet-stream", "content-length": String(size) },
    body: Readable.toWeb(Readable.from(open())),
    duplex: "half",
  });
  await answer.body?.cancel();
  if (answer.status !== 201) throw new Error(`${host} answered ${answer.status} to a layer`);
  return { digest, size };
}

async function pushLargeImage(host: string, repository: string): Promise<void> {
  const layers: Layer[] = [];
  for (const [position, size] of layerSizes.entries()) {
    layers.push(await pushContent(host, repository, () => contentOf(position, size)));
  }
  const config = await pushContent(host, repository, () => [Buffer.from("{}")]);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociEmpty, ...config },
    layers: layers.map((layer) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer })),
  };
  await pushManifest(host, repository, "large", mediaTypes.ociManifest, Buffer.from(JSON.stringify(manifest)));
}

async function main(): Promise<void> {
  await using folder = await makeTempFolder("large");
  await using source = await startDockerRegistry();
  await using target = await startDockerRegistry();
  console.log("filling a registry with an image of 2 GiB");
  await pushLargeImage(source.host, "app");
  const wanted = await readDigest(source.host, "app", "large");

  for (const place of [`${target.host}/app:large`, "ocidir://target:large"]) {
    const record = join(folder.path, "peak");
    const entry = { source: `${source.host}/app:large`, target: place, type: "image" };
    const startedMs = performance.now();
    const result = await runProgram(["once"], {
      config: configText({ creds: [source.access, target.access], sync: [entry] }),
      cwd: folder.path,
      env: { PEAK_MEMORY_FILE: record },
      program: "dist/main.js",
      nodeOptions: ["--import", recorder],
      limitMs,
    });
    if (result.exit !== 0) throw new Error(`the copy to ${place} ended with ${result.exit}:\n${result.stderr}`);
    const peakKib = Number(await readFile(record, "utf8"));
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.log(`copied to ${place} in ${seconds} s with at most ${(peakKib / 1_000).toFixed(0)} MB resident`);
    if (!(peakKib < limitKib)) throw new Error(`more than ${limitKib / 1_000} MB were resident`);
  }
  const found = await readDigest(target.host, "app", "large");
  if (found !== wanted) throw new Error(`the target has ${found} instead of ${wanted}`);
}

await main();
