// Brings in whatever `npm test` and `npm run demo` need and this machine lacks: the packages (and with them the right
// Node), the bundle, and on Debian the real registries that the tests run against. Runs under Node 20 or newer, which
// need not be the Node that everything else runs under. What is there already is left alone.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFolder = join(root, "node_modules", ".cache", "regsync");
const everythingIsRequired = Boolean(process.env.CI) || process.env.REGSYNC_REQUIRE_REAL === "1";

/** Debian packages, and the program each one is wanted for. */
const debianPackages = [
  { program: "docker-registry", name: "docker-registry", purpose: "tests on a real registry" },
  { program: "skopeo", name: "skopeo", purpose: "tests that read the result with another tool" },
  { program: "openssl", name: "openssl", purpose: "tests over TLS and with token logins" },
  { program: "promtool", name: "prometheus", purpose: "checks of metrics and alerts" },
  { program: "buildah", name: "buildah", purpose: "npm run test:container, which builds the image," },
];

installPackages();
buildBundle();
installRegistries();

function installPackages() {
  const wanted = hashOf(["package-lock.json", "package.json", ".ci/node-runtime/package.json"]);
  if (stamp("packages") === wanted) return;
  say("installing packages (npm ci)");
  const npm = process.env.npm_execpath;
  const [program, args] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
  run(program, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], 15);
  writeStamp("packages", wanted);
}

function buildBundle() {
  const projectNode = join(root, "node_modules", ".bin", "node");
  run(existsSync(projectNode) ? projectNode : process.execPath, [join(root, ".ci", "build.mjs")], 5);
}

function installRegistries() {
  const missing = debianPackages.filter(({ program }) => !onPath(program));
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && onPath("apt-get");
  if (mayInstall) aptInstall(missing.map(({ name }) => name));
  const left = missing.filter(({ program }) => !onPath(program));
  for (const { name, purpose } of left) say(`${name} is not installed: ${purpose} are left out`);
  if (left.length > 0 && !mayInstall) say(`to run them too: apt-get install ${left.map(({ name }) => name).join(" ")}`);
  if (left.length > 0 && everythingIsRequired) process.exit(1);
}

/** Quietly, within bounds, and without leaving anything running as a service of the machine. */
function aptInstall(names) {
  say(`installing ${names.join(", ")} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) =>
    spawnSync("apt-get", ["-qq", "-o", "Acquire::Retries=2", "-o", "DPkg::Lock::Timeout=60", ...args], {
      env,
      stdio: ["ignore", "ignore", "ignore"],
      timeout: 300_000,
    }).status === 0;
  const install = () => apt("install", "--yes", "--no-install-recommends", ...names);
  if (!install()) {
    apt("update");
    install();
  }
  const services = names.filter((name) => name === "docker-registry" || name === "prometheus");
  if (services.length > 0 && existsSync("/run/systemd/system")) {
    spawnSync("systemctl", ["disable", "--now", "--quiet", ...services], { stdio: "ignore", timeout: 30_000 });
  }
}

function run(program, args, limitMinutes) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit", timeout: limitMinutes * 60_000 });
  if (status === 0) return;
  say(`failed: ${[program, ...args].join(" ")}${error === undefined ? "" : ` (${error.message})`}`);
  process.exit(1);
}

function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function stamp(name) {
  const path = join(stampFolder, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function writeStamp(name, text) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), text);
}

function say(sentence) {
  console.error(`prepare: ${sentence}`);
}
