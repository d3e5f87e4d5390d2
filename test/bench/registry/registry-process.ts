import { Counter } from "./counts.ts";
import { listen } from "./listener.ts";
import { type Command, type Ready, type RegistryOptions, type Reply, type SideName, targetName } from "./protocol.ts";
import { makeSeed, uniqueBytes } from "./recipe.ts";
import { Side } from "./side.ts";

// A process of its own that holds the registries of one measurement, so that what is measured is alone in its own.

const options = JSON.parse(process.argv[2] ?? "") as RegistryOptions; // written by stage.ts
const seed = makeSeed(options.recipe);
const source = new Side(seed, options);
const target = new Side(seed, options);
const second = new Side(seed, options);
source.fill((repository) => repository);
let cpuBefore = process.cpuUsage();

process.on("message", (command: Command) => process.send?.(follow(command)));
process.on("disconnect", () => process.exit());
const [atSource, atTarget, atSecond] = await Promise.all([source, target, second].map((side) => listen(side, options)));
const ready: Ready = {
  hosts: { source: atSource ?? "", target: atTarget ?? "", second: atSecond ?? "" },
  uniqueBytes: uniqueBytes(seed),
  repositories: [...seed.repositories.keys()],
  tags: [...seed.repositories.values()].reduce((sum, { tags }) => sum + tags.size, 0),
};
process.send?.(ready);

function follow(command: Command): Reply {
  switch (command) {
    case "fill":
      for (const side of [target, second]) side.fill(targetName);
      return {};
    case "empty":
      for (const side of [target, second]) side.empty();
      return {};
    case "forget":
      for (const side of [source, target, second]) side.counter = new Counter();
      cpuBefore = process.cpuUsage();
      return {};
    case "counts": {
      const { user, system } = process.cpuUsage(cpuBefore);
      return { counts: bySide((side) => side.counter.all), cpuSeconds: (user + system) / 1e6 };
    }
    case "matching":
      return { matching: bySide((side) => side.matching(targetName)) };
  }
}

function bySide<T>(valueOf: (side: Side) => T): Record<SideName, T> {
  return { source: valueOf(source), target: valueOf(target), second: valueOf(second) };
}
