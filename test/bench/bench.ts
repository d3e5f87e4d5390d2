import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Contestant, findContestants } from "./contestants.ts";
import { barsOf, barTable } from "./bars.ts";
import { allWork } from "./kinds/all-work.ts";
import { noop } from "./kinds/no-op.ts";
import { runStartUp, startUp } from "./kinds/start-up.ts";
import { machineLine, versionOf } from "./machine.ts";
import type { Result } from "./result.ts";
import { runWork } from "./run-work.ts";
import { resultTable } from "./table.ts";

// `npm run bench`: what this program and others need for the same work, side by side, as one table.

const usage = `npm run bench -- [--kind NAME]... [--quick] [--json] [--tags N] [--delay MS] [--repeats N] [--only NAME]...

--kind     only this kind of work, may be repeated: noop, noop-repositories, noop-platforms, noop-referrers,
           cold-small, cold-shared, cold-single, large, large-tls, two-targets, second, many-tags, start-up
--only     only this contestant, may be repeated: ours, regsync, skopeo, ...
--quick    less of everything, about three minutes
--json     everything that was measured, for machines
REGSYNC_PEER=/path/to/regsync names the original; REGSYNC_PEER_<NAME>=/path/to/main.js another build of this program.
`;

const { values } = parseArgs({
  options: {
    kind: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    tags: { type: "string" },
    delay: { type: "string" },
    repeats: { type: "string" },
  },
});

if (values.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  buildBundle();
  const { only, kind } = values;
  const contestants = findContestants(process.env).filter(({ name }) => only === undefined || only.includes(name));
  const selection = {
    quick: values.quick,
    tags: numberOf(values.tags),
    delayMs: numberOf(values.delay),
    repeats: numberOf(values.repeats),
  };
  const work = allWork(selection).filter((each) => kind === undefined || kind.includes(each.kind));
  const startsUp = kind === undefined || kind.includes(startUp);
  if (work.length === 0) throw new Error(`there is no such kind of work\n${usage}`);
  const results: Result[] = [];
  await warmUp(contestants);
  for (const each of work) {
    process.stderr.write(`${each.kind}: ${each.name}\n`);
    results.push(...(await runWork(each, contestants, complain)));
  }
  if (startsUp) results.push(...(await runStartUp(selection, contestants)));
  const versions = contestants.map((contestant) => ({ name: contestant.name, version: versionOf(contestant) }));
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ machine: machineLine(), versions, results, bars: barsOf(results) }, undefined, 1)}\n`,
    );
    return;
  }
  process.stdout.write(`${machineLine()}\n${versions.map(({ name, version }) => `${name}: ${version}\n`).join("")}\n`);
  process.stdout.write(`${resultTable(results)}\n\n${barTable(barsOf(results))}\n`);
}

/** Every program is read from the disk once before anything counts. */
async function warmUp(contestants: readonly Contestant[]): Promise<void> {
  for (const each of noop({ quick: true, tags: 2, delayMs: 0, repeats: 1 })) await runWork(each, contestants, complain);
}

/** What others cannot do is left out; what this program cannot do is a failure of the bench. */
function complain({ name, family }: Contestant, message: string): void {
  process.stderr.write(`${name}: ${message}\n`);
  if (family === "ours") process.exitCode = 1;
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${text} is no whole number\n${usage}`);
  return number;
}

/** What is measured is what users run. */
function buildBundle(): void {
  const bundler = fileURLToPath(new URL("../../.ci/build.mjs", import.meta.url));
  const { status } = spawnSync(process.execPath, [bundler], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("the bundle cannot be built");
}
