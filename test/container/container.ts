import { spawnSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeCertificates } from "../support/certificates.ts";
import { configText } from "../support/config-text.ts";
import { freePort } from "../support/daemon.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { makeMultiPlatformImage } from "../support/images.ts";
import { pushRepository, readDigest } from "../support/plain-client.ts";
import { account, startDockerRegistry } from "../support/real-registry.ts";
import { skopeoDigest } from "../support/skopeo.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools, realToolsAreRequired } from "../support/tools.ts";
import { authoritiesPath, makeBaseImages } from "./base-images.ts";
import { type BoxOptions, type BoxResult, type Image, runInBox, startInBox } from "./box.ts";
import { Buildah } from "./buildah.ts";

// `npm run test:container`: builds the image by the Dockerfile, on bases made of this machine's own files, and mirrors
// with it between registries on loopback: without rights, on a read-only file system, as process 1.

const repository = fileURLToPath(new URL("../..", import.meta.url));
const release = makeMultiPlatformImage(1, [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
]);
const build = { VERSION: "v9.8.7", REVISION: "1".repeat(40), CREATED: "2026-01-02T03:04:05Z" };

/** The image is not as it should be. */
class Fault extends Error {}

function expectThat(claim: boolean, otherwise: () => string): void {
  if (!claim) throw new Fault(otherwise());
}

function sayAll({ exit, stdout, stderr }: BoxResult): string {
  return `it ended with ${exit} and said:\n${stdout}${stderr}`;
}

async function step(about: string, act: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await act();
  console.log(`${about} (${((performance.now() - startedMs) / 1_000).toFixed(1)} s)`);
}

/** What runs the image by its entry point, and what has to come of it. */
function commandOf(image: Image) {
  const run = (args: readonly string[], options?: BoxOptions) =>
    runInBox(image, [...image.config.Entrypoint, ...args], options);
  const succeed = async (args: readonly string[], options?: BoxOptions): Promise<BoxResult> => {
    const result = await run(args, options);
    expectThat(result.exit === 0, () => `"${args.join(" ")}" was to succeed, but ${sayAll(result)}`);
    return result;
  };
  return { run, succeed };
}

async function buildImage(folder: string): Promise<Image> {
  const buildah = new Buildah(folder);
  await step("made images to begin with", () => makeBaseImages(buildah, join(folder, "bases")));
  await step("followed the Dockerfile", async () => {
    const npmrc = join(folder, "npmrc");
    await writeFile(npmrc, `prefer-offline=true\ncafile=${authoritiesPath}\n`);
    const bases = { BUILD_IMAGE: "localhost/build", BASE_IMAGE: "localhost/base" };
    const args = Object.entries({ ...bases, ...build }).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const packages = ["--secret", `id=npmrc,src=${npmrc}`, "--volume", `${await npmCache()}:/root/.npm`];
    await buildah.build("localhost/regsync", repository, [...args, ...packages]);
  });
  return { root: await buildah.unpack("localhost/regsync"), config: await buildah.configOf("localhost/regsync") };
}

/** Where npm keeps what it has downloaded, so that the build need not do it again. */
async function npmCache(): Promise<string> {
  const cache = process.env["npm_config_cache"] ?? join(process.env["HOME"] ?? "/root", ".npm");
  await mkdir(cache, { recursive: true });
  return cache;
}

/** What a cluster or an engine reads off the image before it runs anything. */
async function checkDescription({ root, config }: Image): Promise<void> {
  expectThat(/^[1-9]\d*:[1-9]\d*$/.test(config.User), () => `the user is ${config.User}, and no number above 0`);
  const check = config.Healthcheck.Test;
  expectThat(check[0] === "CMD", () => `the health check wants a shell: ${check.join(" ")}`);
  const owned = await stat(join(root, "var/lib/regsync"));
  expectThat(`${owned.uid}:${owned.gid}` === config.User, () => "the state directory is not the user's");
  const parent = await stat(join(root, "var/lib"));
  expectThat(parent.uid === 0, () => "more than the state directory is the user's");
  const programs = (await readdir(join(root, "usr/local/bin"))).sort().join(" ");
  expectThat(programs === "node regsync", () => `the image adds ${programs}`);
  const content = (await readdir(join(root, "opt/regsync"))).sort().join(" ");
  expectThat(content === "LICENSE dist helpers package.json", () => `/opt/regsync has ${content}`);
}

/** From a registry into another one, into a layout on a volume, with the flags on either side of the command. */
async function mirrorInTheOpen(image: Image, folder: string, sourceHost: string): Promise<void> {
  const { run, succeed } = commandOf(image);
  await using target = await startDockerRegistry();
  const source = `${sourceHost}/shop/web:1.0`;
  const text = configText({
    creds: [{ registry: sourceHost, tls: "disabled" }, target.access],
    sync: [
      { source, target: `${target.host}/mirror/web:1.0`, type: "image" },
      { source, target: "ocidir:///var/lib/regsync/web:1.0", type: "image" },
    ],
  });
  const config = await configFolder(folder, "open", text);
  const state = await stateFolder(folder, "state");
  const mounts = { "/etc/regsync": config, "/var/lib/regsync": state };
  const file = "/etc/regsync/regsync.yml";

  await succeed(["once", "-c", file], { mounts });
  const digest = await readDigest(target.host, "mirror/web", "1.0");
  expectThat(digest === release.digest, () => `the mirror has ${digest} instead of ${release.digest}`);
  const index = join(state, "web/index.json");
  expectThat((await stat(index)).uid === 1000, () => "the layout was not written by the image's user");
  expectThat((await readFile(index, "utf8")).includes(release.digest), () => "the layout lacks the image");

  const again = await succeed(["-c", file, "check", "--exit-code"], { mounts });
  expectThat(again.stdout === "", () => `there is something left to do:\n${again.stdout}`);

  // The same without a volume: nothing else can be written to. Also as a user that the image has never heard of.
  const closed = await run(["once", "-c", file], { mounts: { "/etc/regsync": config }, user: "65532:65532" });
  expectThat(
    closed.exit === 1 && closed.stderr.includes("/var/lib/regsync"),
    () => `the root is open: ${sayAll(closed)}`,
  );
}

/** A registry behind TLS and a password, known by a certificate and a credential helper that were mounted. */
async function mirrorBehindTls(image: Image, folder: string, sourceHost: string): Promise<void> {
  const { succeed } = commandOf(image);
  const { server: pair, authority } = await makeCertificates();
  await using target = await startDockerRegistry({ tls: { pair, authority }, auth: { kind: "htpasswd" } });
  const authorities = join(folder, "authorities.crt");
  await writeFile(authorities, `${await readFile(join(image.root, authoritiesPath), "utf8")}\n${authority}`);
  const helpers = join(folder, "helpers");
  const helper = join(helpers, "docker-credential-test");
  const login = JSON.stringify({ ServerURL: target.host, Username: account.user, Secret: account.password });
  await mkdir(helpers);
  await writeFile(helper, `#!/usr/local/bin/node\nprocess.stdout.write(${JSON.stringify(login)});\n`);
  await chmod(helper, 0o755);
  const entry = { source: `${sourceHost}/shop/web:1.0`, target: `${target.host}/mirror/web:1.0`, type: "image" };
  const creds = [
    { registry: sourceHost, tls: "disabled" },
    { registry: target.host, credHelper: "docker-credential-test" },
  ];
  const config = await configFolder(folder, "tls", JSON.stringify({ version: 1, creds, sync: [entry] })); // JSON is YAML
  const mounts = { "/etc/regsync": config, "/opt/regsync/helpers": helpers, [authoritiesPath]: authorities };

  await succeed(["once", "-c", "/etc/regsync/regsync.yml"], { mounts });
  const digest = await skopeoDigest({ address: `docker://${entry.target}`, access: target.access });
  expectThat(digest === release.digest, () => `the mirror has ${digest} instead of ${release.digest}`);
}

/** A folder that is mounted, as a ConfigMap is. */
async function configFolder(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, "config", name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "regsync.yml"), text);
  return path;
}

/** A server as process 1: the image's health check finds it, it mirrors, and it ends well when it is told to. */
async function serve(image: Image, folder: string, sourceHost: string): Promise<void> {
  await using target = await startDockerRegistry();
  const entry = { source: `${sourceHost}/shop/web:1.0`, target: `${target.host}/mirror/web:1.0`, type: "image" };
  const creds = [{ registry: sourceHost, tls: "disabled" as const }, target.access];
  const config = await configFolder(folder, "server", configText({ creds, sync: [{ ...entry, interval: "1h" }] }));
  const state = await stateFolder(folder, "server-state");
  const options = {
    mounts: { "/etc/regsync": config, "/var/lib/regsync": state },
    env: { REGSYNC_LISTEN: `127.0.0.1:${await freePort()}` },
  };
  const args = ["server", "--config=/etc/regsync/regsync.yml", "--state-dir=/var/lib/regsync", "--logopt=json"];
  await using server = await startInBox(image, [...image.config.Entrypoint, ...args], options);
  const ask = (...more: readonly string[]): Promise<BoxResult> =>
    runInBox(image, [...image.config.Healthcheck.Test.slice(1), ...more], options);

  /** Asks again, a bounded number of times. */
  const waitUntil = async (claim: string, isSo: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (await isSo()) return;
      await setTimeout(100);
    }
    throw new Fault(`it never came to this: ${claim}; the server said:\n${server.output()}`);
  };
  await waitUntil("the server is ready", async () => (await ask("--ready")).exit === 0);
  const wanted = release.digest;
  await waitUntil("the mirror is filled", async () => (await readDigest(target.host, "mirror/web", "1.0")) === wanted);
  const health = await ask();
  expectThat(health.exit === 0 && health.stdout.endsWith("answered 200: ok\n"), () => sayAll(health));

  await server.signal("SIGTERM");
  const end = await server.ended;
  expectThat(end.exit === 0, () => `a server that is told to stop ends with 0, but ${sayAll(end)}`);
  const kept = await readdir(state);
  expectThat(kept.includes("regsync.sqlite"), () => `the state directory has ${kept.join(" ")}`);
}

/** A folder that the image's user can write to, as an engine makes a volume. */
async function stateFolder(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await chown(path, 1000, 1000);
  return path;
}

async function checkVersion(image: Image): Promise<void> {
  const { stdout } = await commandOf(image).succeed(["version", "--format", "{{.VCSTag}} {{.VCSCommit}} {{.VCSDate}}"]);
  const wanted = Object.values(build).join(" ");
  expectThat(stdout === wanted, () => `the version is ${stdout} instead of ${wanted}`);
}

async function checkHealthCommand(image: Image): Promise<void> {
  const [, ...command] = image.config.Healthcheck.Test;
  const alone = await runInBox(image, command, { env: { REGSYNC_LISTEN: "127.0.0.1:1" } });
  expectThat(alone.exit === 1 && alone.stdout.includes("ECONNREFUSED"), () => `without a server ${sayAll(alone)}`);
}

async function main(): Promise<void> {
  await using folder = await makeTempFolder("container");
  const image = await buildImage(folder.path);
  await step("the image says of itself what it should", () => checkDescription(image));
  await step("it knows what it was built from", () => checkVersion(image));
  await step("its health check finds no server where there is none", () => checkHealthCommand(image));
  await using source = await startDockerRegistry();
  const content = new StoredRepository();
  content.add(release, "1.0");
  await pushRepository(source.host, "shop/web", content);
  await step("mirrored into a registry and a layout, without rights and on a read-only root", () =>
    mirrorInTheOpen(image, folder.path, source.host),
  );
  await step("mirrored into a registry behind TLS and a password, with a mounted certificate and helper", () =>
    mirrorBehindTls(image, folder.path, source.host),
  );
  await step("served as process 1, was found alive by its own health check, and stopped when told to", () =>
    serve(image, folder.path, source.host),
  );
}

/** Why it cannot be done here, or `""`. */
function hindrance(): string {
  if (!haveTools("buildah", "dockerRegistry", "skopeo", "openssl")) {
    return "Debian's buildah, docker-registry, skopeo and openssl are needed";
  }
  if (process.getuid?.() !== 0) return "root is needed";
  const { status, stderr } = spawnSync("unshare", ["--mount", "--pid", "--fork", "true"], { encoding: "utf8" });
  return status === 0 ? "" : `name spaces are needed, and cannot be made here: ${stderr.trim()}`;
}

const why = hindrance();
if (why === "") {
  await main();
} else {
  console.error(`the image is not built and run: ${why}`);
  process.exitCode = realToolsAreRequired() ? 1 : 0;
}
