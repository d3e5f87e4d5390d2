/**
 * Bundles `src/` into `dist/`: ES modules split where the sources import lazily, readable, with the licences of what
 * is bundled and a note of the commit they were built from. Run as `npm run build`. What is there is left alone when it
 * was built from the same sources at the same commit.
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
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledSchema, lazyBuiltIns, partOfUndici } from "./bundle-plugins.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const stampFile = join(dist, "built-from");
const built = infoFromCheckout() ?? infoFromEnvironment();
const wanted = stampOf(built);
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) process.exit(0);

const { build } = await import("esbuild");
rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24.15",
  // Node has them of itself; esbuild's table does not say so yet, and what it puts in their place costs every request.
  supported: { using: true },
  // Packages in CommonJS ask for their built-ins by `require`, which an ES module does not have.
  banner: { js: "const require = process.getBuiltinModule;" },
  plugins: [compiledSchema, lazyBuiltIns, partOfUndici],
  define: { REGSYNC_BUILD: JSON.stringify(built) ?? "undefined" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
chmodSync(join(dist, "main.js"), 0o755);
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licences(Object.keys(metafile.inputs)));
writeFileSync(stampFile, wanted);

/** Everything the bundle depends on, as one text. */
function stampOf(info) {
  const hash = createHash("sha256").update(JSON.stringify(info) ?? "");
  const sources = ["src", "config"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  for (const path of [".ci/build.mjs", ".ci/bundle-plugins.mjs", "package-lock.json", ...sources.sort()]) {
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
