#!/usr/bin/env node
import { writeFileSync } from "node:fs";
import { buildInfo } from "./cli/build-info.ts";
import { versionFacts, versionLines } from "./cli/version-facts.ts";
import { loadProgram } from "./load-program.ts";
import { thisMachine } from "./this-machine.ts";

/** The file descriptor of standard output. */
const standardOutput = 1;

// A Node that is too old can read this file and what it imports above, but not the others.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`regsync needs Node.js 24.15 or newer, and this is ${process.versions.node}\n`);
  process.exitCode = 1;
} else if (!hasSaidVersion(process.argv.slice(2))) {
  void loadProgram().then(({ runHere }) => runHere());
}

/** Says the version to who asks for nothing else: neither the program nor Node's streams have to be loaded for that. */
function hasSaidVersion(words: readonly string[]): boolean {
  const [word] = words;
  if (words.length !== 1 || (word !== "version" && word !== "--version")) return false;
  try {
    writeFileSync(standardOutput, versionLines(versionFacts(buildInfo, thisMachine)));
    return true;
  } catch {
    return false; // a pipe that is full or broken, a full disk: the program knows what to do about each
  }
}
