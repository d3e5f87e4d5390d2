import { Failure } from "../base/failure.ts";
import { buildInfo } from "./build-info.ts";
import { exitCode } from "./exit-code.ts";
import type { VersionFlags } from "./invocation.ts";
import type { Session } from "./session.ts";
import { UsageInvalid } from "./usage.ts";
import { versionFacts, versionLines } from "./version-facts.ts";

/** The template that stands for the lines; nothing has to be loaded to know what it gives. */
const prettyFormat = /^\{\{-?\s*printPretty\s+\.\s*-?\}\}$/;

/**
 * `version`: what this program was built from, as lines, as JSON or through a template, which gets no newline added.
 * Throws `USAGE_INVALID` for a template that does not work. Spec: regsync.md §1.6.
 */
export async function version({ format, output }: VersionFlags, { world }: Session): Promise<number> {
  const facts = versionFacts(buildInfo, world.machine);
  if (output === "json") {
    world.stdout.write(`${JSON.stringify(Object.fromEntries(facts.map(({ json, value }) => [json, value])))}\n`);
  } else if (format === undefined || prettyFormat.test(format)) {
    world.stdout.write(versionLines(facts));
  } else {
    const { renderVersion } = await import("./version-template.ts");
    try {
      world.stdout.write(renderVersion(format, facts, world));
    } catch (thrown) {
      throw thrown instanceof Failure ? new UsageInvalid(`--format: ${thrown.message}`, { cause: thrown }) : thrown;
    }
  }
  return exitCode.fine;
}
