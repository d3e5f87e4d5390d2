import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeRegistry } from "../support/fake-registry.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { fallbackTagOf, withFallbackLists } from "../support/fixture-repository.ts";
import {
  makeImage,
  makeMultiPlatformImage,
  makeSbom,
  makeSignature,
  sbomType,
  signatureType,
} from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { pushRepository, readDigest, readFallbackList, readReferrers } from "../support/plain-client.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

// `npm run demo`: mirrors a small repository from one registry on this machine into another one and into a folder, with
// the built program, and says what happened. Fails when anything is not as the file asks for.

const platforms = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
];
const release = makeMultiPlatformImage(11, platforms);
const attached = [
  { what: "a signature", artifactType: signatureType, image: makeSignature(release) },
  { what: "an SBOM", artifactType: sbomType, image: makeSbom(release) },
];

/** What the upstream registry offers: a tag, what it is, and why the file below leaves it out if it does. */
const offers = [
  { tag: "1.0.0", about: "for 2 platforms", image: makeMultiPlatformImage(10, platforms), leftOut: "" },
  { tag: "1.1.0", about: "for 2 platforms, with a signature and an SBOM attached", image: release, leftOut: "" },
  { tag: "1.1.1", about: "for 1 platform: pushed from a laptop", image: makeImage({ seed: 12 }), leftOut: "" },
  {
    tag: "2.0.0-rc1",
    about: "for 2 platforms",
    image: makeMultiPlatformImage(20, platforms),
    leftOut: "in the range, since it comes before 2.0.0, but denied",
  },
  {
    tag: "nightly",
    about: "for 2 platforms",
    image: makeMultiPlatformImage(30, platforms),
    leftOut: "no version, and so in no range",
  },
];

interface Place extends AsyncDisposable {
  readonly host: string;
  readonly about: string;
  /** Digests of what is attached to an image, asked for without the program that is shown. */
  readonly attachedTo: (repository: string, digest: string) => Promise<readonly string[]>;
}

async function startPlace(): Promise<Place> {
  if (haveTools("dockerRegistry")) {
    const registry = await startDockerRegistry();
    return {
      host: registry.host,
      about: "docker-registry",
      attachedTo: (repository, digest) => readFallbackList(registry.host, repository, fallbackTagOf(digest)),
      [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
    };
  }
  const registry = await FakeRegistry.start();
  return {
    host: registry.name,
    about: "the registry of the tests, since docker-registry is not installed",
    attachedTo: (repository, digest) => readReferrers(registry.name, repository, digest),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

function upstreamContent(): StoredRepository {
  const content = new StoredRepository();
  for (const { tag, image } of offers) content.add(image, tag);
  for (const { image } of attached) content.add(image);
  return withFallbackLists(content);
}

function configuration(upstream: string, mirror: string): string {
  return `version: 1
creds:
  - registry: ${upstream}
    tls: disabled
  - registry: ${mirror}
    tls: disabled
defaults:
  referrers: true     # bring what is attached to an image: signatures, SBOMs
  fastCheck: true     # an image with the same digest needs no second look
  mediaTypes:         # only images for several platforms
    - application/vnd.oci.image.index.v1+json
sync:
  - source: ${upstream}/shop/web
    target: ${mirror}/mirrored/web
    type: repository
    tags:
      semverRange: [">=1.0.0 <2.0.0"]
      deny: [".*-rc.*"]
  - source: ${upstream}/shop/web:1.1.0
    target: ocidir://backup/web:1.1.0
    type: image
`;
}

/** One image of what `once --output json` reports. */
interface ReportedImage {
  readonly source: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly mediaType?: string;
  readonly bytes?: number;
  readonly blobsSent?: number;
  readonly message?: string;
}

/** What a run did not do as the file asks for. */
class NotAsAsked extends Error {}

function say(text = ""): void {
  console.log(shorten(text));
}

/** Digests by their first twelve digits: enough to see that two are the same. */
function shorten(text: string): string {
  return text.replaceAll(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, "sha256:$1…");
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "    ");
}

async function regsync(folder: string, ...args: readonly string[]): Promise<ProgramResult> {
  const shown = args.filter((arg) => arg !== "--output" && arg !== "json");
  say(`\n$ regsync ${shown.join(" ")}`);
  const result = await runProgram([...args, "--logopt", "json"], { cwd: folder, program: "dist/main.js" });
  if (result.exit !== 0 && result.exit !== 2) throw new NotAsAsked(`it ended with ${result.exit}:\n${result.stderr}`);
  return result;
}

function describe(image: ReportedImage): string {
  const { outcome, target } = image;
  switch (outcome) {
    case "copied":
      return `copied    ${target}  (was ${image.reason}; sent ${image.bytes} bytes, ${image.blobsSent} blobs)`;
    case "skipped":
      return `skipped   ${target}  (${image.mediaType ?? "it exists"}: not a type the file wants)`;
    case "unchanged":
      return `unchanged ${target}`;
    default:
      throw new NotAsAsked(`${outcome}: ${target}: ${image.message ?? ""}`);
  }
}

async function demonstrate(): Promise<void> {
  await using folder = await makeTempFolder("demo");
  await using upstream = await startPlace();
  await using mirror = await startPlace();
  await pushRepository(upstream.host, "shop/web", upstreamContent());

  say("Two registries run on this machine, and nothing leaves it.");
  say(`  upstream  ${upstream.host}  ${upstream.about}`);
  say(`  mirror    ${mirror.host}  the same, and empty`);
  say("\nUpstream has the repository shop/web:");
  for (const { tag, about } of offers) say(`  ${tag.padEnd(10)} ${about}`);

  const config = configuration(upstream.host, mirror.host);
  await writeFile(join(folder.path, "regsync.yml"), config);
  say("\nregsync.yml says what should be where:\n");
  say(indent(config));

  const before = await regsync(folder.path, "check", "-c", "regsync.yml");
  say(indent(before.stdout));

  const run = await regsync(folder.path, "once", "-c", "regsync.yml", "--output", "json");
  const { images } = JSON.parse(run.stdout) as { readonly images: readonly ReportedImage[] }; // as the README gives it
  for (const image of images.toSorted((a, b) => a.target.localeCompare(b.target))) say(`    ${describe(image)}`);
  const chosen = new Set(images.map(({ source }) => source.slice(source.lastIndexOf(":") + 1)));
  for (const { tag, leftOut } of offers) {
    if (chosen.has(tag) !== (leftOut === "")) throw new NotAsAsked(`${tag} should not have been treated so`);
    if (leftOut !== "") say(`    left out  ${tag}  (${leftOut})`);
  }

  const after = await regsync(folder.path, "check", "--exit-code", "-c", "regsync.yml");
  if (after.exit !== 0) throw new NotAsAsked(`there is still something to do:\n${after.stdout}`);
  say("    nothing to do: every image is where the file wants it");

  await expectAttached(mirror, join(folder.path, "backup", "web"));
  say("\nBoth copies of 1.1.0 have the digest of the original, and bring what was attached to it:");
  say(`  ${release.digest}  shop/web:1.1.0`);
  for (const { what, artifactType, image } of attached) say(`  ${image.digest}  ${what}, ${artifactType}`);
}

/** Looks for the image and everything attached to it without the program that copied them. */
async function expectAttached(mirror: Place, layout: string): Promise<void> {
  const digest = await readDigest(mirror.host, "mirrored/web", "1.1.0");
  const { tags, blobs } = await readLayout(layout);
  if (digest !== release.digest) throw new NotAsAsked(`the mirror has ${digest} as 1.1.0`);
  if (tags["1.1.0"] !== release.digest) throw new NotAsAsked(`the layout has ${tags["1.1.0"]} as 1.1.0`);
  const listed = await mirror.attachedTo("mirrored/web", digest);
  for (const { what, image } of attached) {
    if (!listed.includes(image.digest)) throw new NotAsAsked(`the mirror lacks ${what}`);
    if (!blobs.includes(image.digest)) throw new NotAsAsked(`the layout lacks ${what}`);
  }
}

try {
  await demonstrate();
} catch (thrown) {
  if (!(thrown instanceof NotAsAsked)) throw thrown;
  console.error(`\nthe demo failed: ${shorten(thrown.message)}`);
  process.exitCode = 1;
}
