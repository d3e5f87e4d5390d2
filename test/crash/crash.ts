import { chooseMoments } from "./moments.ts";
import { type Course, measure, playRound, startStage } from "./rounds.ts";

// `npm run test:crash`: kills the program with SIGKILL at some hundred moments of its runs, chosen by
// REGSYNC_TEST_SEED, looks at the target by other means after each, and lets a last run finish the work. Fails when
// any tag was ever not whole, a finished blob was sent again, or the work was not done in the end.

const seed = Number(process.env["REGSYNC_TEST_SEED"] ?? "1");
/** Runs of one round that are killed before the last. */
const killsOfARound = 3;
const rounds = 20;
const courses: readonly Course[] = [
  { target: "registry", withState: false },
  { target: "registry", withState: true },
  { target: "layout", withState: false },
  { target: "layout", withState: true },
];

async function main(): Promise<void> {
  await using stage = await startStage();
  const faults: string[] = [];
  console.log(
    `${"target".padEnd(10)}${"memory".padEnd(8)}${"rounds".padStart(7)}${"kills".padStart(7)}${"faults".padStart(8)}`,
  );
  for (const [position, course] of courses.entries()) {
    const name = `${course.target}-${position}`;
    const moments = await measure(stage, course, `${name}-undisturbed`);
    let kills = 0;
    const before = faults.length;
    for (let round = 0; round < rounds; round += 1) {
      const at = chooseMoments((seed * courses.length + position) * rounds + round, killsOfARound, moments);
      const result = await playRound(stage, course, `${name}-${round}`, at);
      kills += result.kills;
      faults.push(...result.faults.map((fault) => `${name}, round ${round}, killed at ${at.join(", ")}: ${fault}`));
    }
    const counts = [rounds, kills, faults.length - before].map((count, at) => String(count).padStart(at === 2 ? 8 : 7));
    console.log(`${course.target.padEnd(10)}${(course.withState ? "yes" : "no").padEnd(8)}${counts.join("")}`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) throw new Error(`${faults.length} faults`);
}

await main();
