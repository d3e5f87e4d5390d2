import { missingTools, realToolsAreRequired } from "./tools.ts";

/** Runs once before all tests: refuses a Node too old for the sources, and says which tests this machine leaves out. */
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
}
