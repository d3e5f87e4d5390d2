import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { missingTools, realToolsAreRequired } from "./tools.ts";

const bundler = fileURLToPath(new URL("../../.ci/build.mjs", import.meta.url));

/**
 * Runs once before all tests: refuses a Node too old for the sources, says which tests this machine leaves out, and
 * builds what users run, which is what the tests of the whole program start.
 */
export function setup(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 15)) {
    throw new Error(
      `the tests need Node 24.15 or newer and this is ${process.versions.node}: run them with "npm test", which brings its own`,
    );
  }
  const missing = missingTools();
  const fatal = missing.filter((tool) => tool.required && realToolsAreRequired());
  if (fatal.length > 0) throw new Error(fatal.map((tool) => tool.sentence).join("\n"));
  for (const tool of missing) console.warn(tool.sentence);
  const { status, stderr } = spawnSync(process.execPath, [bundler], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`the bundle cannot be built:\n${stderr}`);
}
