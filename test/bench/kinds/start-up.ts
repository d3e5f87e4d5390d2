import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText } from "../../support/config-text.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { type Contestant, environmentFor, programCall } from "../contestants.ts";
import { type Measured, measure } from "../measure.ts";
import { type Result, resultOf } from "../result.ts";
import { type Selection, usualWork, type Work } from "./work.ts";

export const startUp = "start-up";

const entries = 7_500;
const limitMs = 60_000;

/** How long the program takes before it does anything: commands that need no registry. */
export const startUpLines = {
  version: "version",
  load: `a file of ${entries} entries, read and refused by --strict`,
  config: `a file of ${entries} entries, read and printed`,
  check: "check on 10 tags",
} as const;

interface Command {
  readonly name: string;
  readonly args: Readonly<Partial<Record<Contestant["family"], readonly string[]>>>;
  readonly exit: number;
  readonly repeats: number;
}

/** A check of hardly anything: start, one list, twenty questions, end. */
export function smallCheck({ quick }: Selection): readonly Work[] {
  const repeats = quick ? 5 : 15;
  return [
    {
      ...usualWork,
      kind: startUp,
      name: startUpLines.check,
      recipe: { kind: "small", repositories: 1, tags: 10 },
      before: "everything",
      job: { command: "check" },
      repeats,
      peerRepeats: repeats,
      without: ["skopeo"],
    },
  ];
}

/** Everything about starting that needs no registry. Rejects when a command ends otherwise than it should. */
export async function runStartUp({ quick }: Selection, everybody: readonly Contestant[]): Promise<readonly Result[]> {
  await using folder = await makeTempFolder("start-up");
  const fine = join(folder.path, "fine.yml");
  const doubtful = join(folder.path, "doubtful.yml");
  const text = manyEntries();
  await mkdir(folder.path, { recursive: true });
  await writeFile(fine, text);
  await writeFile(doubtful, `${text}nothingKnown: true\n`);
  const commands: readonly Command[] = [
    {
      name: startUpLines.version,
      args: { ours: ["--version"], regsync: ["version"], skopeo: ["--version"] },
      exit: 0,
      repeats: quick ? 7 : 25,
    },
    // Everything is read, checked and planned, and then given up for the one key that nobody knows.
    {
      name: startUpLines.load,
      args: { ours: ["config", "--strict", "-c", doubtful] },
      exit: 3,
      repeats: quick ? 3 : 7,
    },
    {
      name: startUpLines.config,
      args: { ours: ["config", "-c", fine], regsync: ["config", "-c", fine] },
      exit: 0,
      repeats: quick ? 1 : 3,
    },
  ];
  const results: Result[] = [];
  for (const command of commands) results.push(...(await runCommand(command, everybody, folder.path)));
  return results;
}

async function runCommand(command: Command, everybody: readonly Contestant[], home: string): Promise<Result[]> {
  const turns = everybody.flatMap((contestant) => {
    const args = command.args[contestant.family];
    const call = args && programCall(contestant, args, environmentFor(home), home);
    return call === undefined ? [] : [{ contestant, call, done: [] as Measured[] }];
  });
  for (let round = 0; round < command.repeats; round++) {
    for (const { contestant, call, done } of turns) {
      const measured = await measure(call, limitMs);
      if (measured.exit !== command.exit) {
        throw new Error(`${contestant.name}, ${command.name}: ended with ${measured.exit}\n${measured.output}`);
      }
      done.push(measured);
    }
  }
  return turns.map(({ contestant, done }) =>
    resultOf({ kind: startUp, work: command.name, contestant: contestant.name }, done, undefined),
  );
}

/** A file as large installations have them: every repository an entry of its own. */
function manyEntries(): string {
  return configText({
    defaults: { parallel: 4, interval: "60m" },
    sync: Array.from({ length: entries }, (_, number) => ({
      source: `registry-${number % 40}.example.com/team-${number % 300}/service-${number}`,
      target: `mirror.example.com/team-${number % 300}/service-${number}`,
      type: "repository",
    })),
  });
}
