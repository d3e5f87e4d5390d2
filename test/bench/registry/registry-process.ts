import { Counter } from "./counts.ts";
import { listen } from "./listener.ts";
import { type Command, type ProcessOptions, type Ready, type Reply, targetName } from "./protocol.ts";
import { makeSeed, uniqueBytes } from "./recipe.ts";
import { Side } from "./side.ts";

// A process of its own that holds one registry of a measurement: no registry waits for another one, as none does where
// they are used, and what is measured is alone in its own.

const options = JSON.parse(process.argv[2] ?? "") as ProcessOptions; // written by stage.ts
const seed = makeSeed(options.recipe);
const side = new Side(seed, options);
const nameOf = options.side === "source" ? (repository: string): string => repository : targetName;
let cpuBefore = process.cpuUsage();

process.on("message", (command: Command) => process.send?.(follow(command)));
process.on("disconnect", () => process.exit());
const ready: Ready = {
  host: await listen(side, options),
  uniqueBytes: uniqueBytes(seed),
  repositories: [...seed.repositories.keys()],
  tags: [...seed.repositories.values()].reduce((sum, { tags }) => sum + tags.size, 0),
};
process.send?.(ready);

function follow(command: Command): Reply {
  switch (command) {
    case "fill":
      side.fill(nameOf);
      return {};
    case "empty":
      side.empty();
      return {};
    case "forget":
      side.counter = new Counter();
      cpuBefore = process.cpuUsage();
      return {};
    case "counts": {
      const { user, system } = process.cpuUsage(cpuBefore);
      return { counts: side.counter.all, cpuSeconds: (user + system) / 1e6 };
    }
    case "matching":
      return { matching: side.matching(nameOf) };
  }
}
