/**
 * Bundles `src/` into `dist/`: a beginning that answers by itself what needs nothing else, and one file with everything
 * else beside what V8 compiled of it, with the licences of what is bundled and a note of the commit they were built from.
 * Both are CommonJS, which Node loads in half the time. Run as `npm run build`. What is there is left alone when it was
 * built from the same sources at the same commit by the same Node.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledSchema, lazyBuiltIns, lazyYaml, loadsBundle, partOfUndici } from "./bundle-plugins.mjs";
import { wrapper } from "./compiled-bundle.mjs";
import { keepCompiled } from "./keep-compiled.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const stampFile = join(dist, "built-from");
const built = infoFromCheckout() ?? infoFromEnvironment();
const wanted = stampOf(built);
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) process.exit(0);

const { build } = await import("esbuild");
rmSync(dist, { recursive: true, force: true });
const usual = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  format: "cjs",
  platform: "node",
  define: { REGSYNC_BUILD: JSON.stringify(built) ?? "undefined" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
const program = await build({
  ...usual,
  entryPoints: { regsync: "src/this-process.ts" },
  // What V8 compiled belongs to this very text.
  entryNames: "[name]-[hash]",
  target: "node24.15",
  // Node has them of itself; esbuild's table does not say so yet, and what it puts in their place costs every request.
  supported: { using: true },
  banner: { js: wrapper.before },
  footer: { js: wrapper.after },
  // V8 reads all of it at every start. The lines that a stack names stay short, and names are what they were.
  minifyWhitespace: true,
  lineLimit: 120,
  inject: [".ci/performance.mjs"],
  // By this undici knows that it is bundled, and leaves its second parser alone whatever the environment says.
  define: { ...usual.define, esbuildDetection: "1" },
  plugins: [compiledSchema, partOfUndici, lazyYaml, lazyBuiltIns],
});
const [bundle] = Object.keys(program.metafile.outputs);
const beginning = await build({
  ...usual,
  entryPoints: ["src/main.ts"],
  // It tells a Node that is too old that it is.
  target: "node12",
  plugins: [lazyBuiltIns, loadsBundle(basename(bundle))],
});
const inputs = [program, beginning].flatMap(({ metafile }) => Object.keys(metafile.inputs));
chmodSync(join(dist, "main.js"), 0o755);
writeFileSync(join(dist, "package.json"), '{ "type": "commonjs" }\n');
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licences(inputs));
await keepCompiled(join(root, bundle));
writeFileSync(stampFile, wanted);

/** Everything the bundle depends on, as one text. */
function stampOf(info) {
  const hash = createHash("sha256").update(JSON.stringify([info, process.version, process.arch]));
  const sources = [".ci", "src", "config"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  for (const path of ["package-lock.json", ...sources.sort()]) {
    if (!statSync(join(root, path)).isFile()) continue;
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** What `src/cli/build-info.ts` says of the sources; `undefined` when they are no checkout of their own. */
function infoFromCheckout() {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    if (realpathSync(git("rev-parse", "--show-toplevel")) !== realpathSync(root)) return undefined;
    const vcsCommit = git("rev-parse", "HEAD");
    const vcsState = git("status", "--porcelain") === "" ? "clean" : "dirty";
    return {
      vcsTag: git("describe", "--tags", "--always"),
      vcsRef: vcsState === "clean" ? vcsCommit : `${vcsCommit}-dirty`,
      vcsCommit,
      vcsState,
      vcsDate: new Date(git("show", "-s", "--format=%cI", "HEAD")).toISOString().replace(".000", ""),
    };
  } catch {
    return undefined; // no git, or no commit yet
  }
}

/** The same as whoever builds an image says it; `undefined` when nobody does. */
function infoFromEnvironment() {
  const { REGSYNC_VERSION: vcsTag, REGSYNC_REVISION: vcsCommit, REGSYNC_CREATED: vcsDate } = process.env;
  if (!vcsTag || !vcsCommit || !vcsDate) return undefined;
  return { vcsTag, vcsRef: vcsCommit, vcsCommit, vcsState: "unknown", vcsDate };
}

/** The licence texts of every package that went into the bundle. */
function licences(inputs) {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(folders)].map(licence).join("\n");
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : readFileSync(join(root, folder, file), "utf8").trim();
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
}
