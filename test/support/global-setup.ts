/** Refuses to run on a Node too old for the sources, in one sentence instead of a syntax error. */
export function setup(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 15)) {
    throw new Error(
      `the tests need Node 24.15 or newer and this is ${process.versions.node}: run them with "npm test", which brings its own`,
    );
  }
}
