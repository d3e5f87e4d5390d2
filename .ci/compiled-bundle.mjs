/**
 * The bundle together with what V8 compiled of it. Compiling takes longer than anything else that the program does
 * before it asks its first question, so `npm run build` runs the bundle a few times and keeps the outcome beside it.
 * Node's own compile cache would not do: it keeps a file before it runs, when V8 has compiled next to nothing of it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import v8 from "node:v8";
import { Script } from "node:vm";

/** What the bundle's text stands between, which makes it one function. */
export const wrapper = { before: "(function (module, require) {", after: "})" };

/** What V8 compiled is good for one version of Node on one kind of processor. */
const codePath = (path) => `${path}.code-${process.version}-${process.arch}`;

/** What the bundle exports. Where there is no code for this Node, V8 compiles as it goes. */
export function runBundle(path) {
  return run(readScript(path));
}

/**
 * The same, and keeps all that is compiled by the time the process ends, besides what was kept already. Throws when V8
 * refuses what was kept already: then the program changes how V8 compiles in a way that this does not take back.
 */
export function runBundleAndKeepCode(path) {
  const script = readScript(path);
  if (script.cachedDataRejected === true) throw new Error(`V8 refuses what it compiled of ${path} the last time`);
  process.once("exit", () => {
    // V8 takes code only back under the flags under which it was kept, and the program sets these.
    v8.setFlagsFromString(
      [
        "--no-liftoff-only --wasm-tier-up --wasm-dynamic-tiering",
        "--semi-space-growth-factor=2 --heap-growing-percent=0",
      ].join(" "),
    );
    writeFileSync(codePath(path), script.createCachedData());
  });
  return run(script);
}

function readScript(path) {
  // The bundle is ASCII, and as Latin-1 V8 takes its bytes as they are.
  return new Script(readFileSync(path, "latin1"), { filename: path, cachedData: codeOf(path) });
}

function codeOf(path) {
  try {
    return readFileSync(codePath(path));
  } catch {
    return undefined;
  }
}

function run(script) {
  const module = { exports: {} };
  script.runInThisContext()(module, (name) => process.getBuiltinModule(name));
  return module.exports;
}
