import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import type { RegistryAccess } from "./real-registry.ts";
import { makeTempFolder } from "./temp-folder.ts";
import { toolPath } from "./tools.ts";

const run = promisify(execFile);

/** A place as skopeo names it (`docker://host/repository:tag`, `oci:folder:tag`), and how to get in. */
export interface SkopeoPlace {
  readonly address: string;
  /** `undefined` for a folder. */
  readonly access?: RegistryAccess;
}

/** The digest of the manifest that skopeo finds at a place, computed from the bytes it got. */
export async function skopeoDigest(place: SkopeoPlace): Promise<Digest> {
  await using certificates = await makeTempFolder("skopeo");
  const options = await accessOptions("", place, certificates.path);
  const { stdout } = await run(toolPath("skopeo"), ["inspect", "--raw", ...options, place.address], {
    encoding: "buffer",
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return digestOf(stdout);
}

/** Has skopeo copy an image with all its platforms, reading every blob of it. Rejects with what it said. */
export async function skopeoCopy(source: SkopeoPlace, target: SkopeoPlace): Promise<void> {
  await using certificates = await makeTempFolder("skopeo");
  const options = [
    ...(await accessOptions("src-", source, certificates.path)),
    ...(await accessOptions("dest-", target, certificates.path)),
  ];
  await run(
    toolPath("skopeo"),
    ["--insecure-policy", "copy", "--quiet", "--all", "--preserve-digests", ...options, source.address, target.address],
    { timeout: 60_000 },
  );
}

async function accessOptions(side: string, place: SkopeoPlace, folder: string): Promise<string[]> {
  const { access } = place;
  if (access === undefined) return [];
  const login = access.user === undefined ? [] : [`--${side}creds=${access.user}:${access.pass ?? ""}`];
  if (access.tls === "disabled") return [`--${side}tls-verify=false`, ...login];
  const files = { [`${side}ca.crt`]: access.regcert, "client.cert": access.clientCert, "client.key": access.clientKey };
  for (const [name, text] of Object.entries(files)) if (text !== undefined) await writeFile(join(folder, name), text);
  return [`--${side}cert-dir=${folder}`, ...login];
}
