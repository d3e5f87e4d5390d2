import type { SideCounts } from "./counts.ts";
import { type Command, type Place, type RegistryOptions, type Reply, type SideName } from "./protocol.ts";
import { Registry } from "./registry.ts";

/** What one run came to on the other side. */
export interface StageCounts {
  readonly sides: Readonly<Record<SideName, SideCounts>>;
  /** Of all registries together. */
  readonly cpuSeconds: number;
}

/** The registries of one measurement. Disposing ends them. */
export class Stage implements AsyncDisposable {
  readonly #registries: Readonly<Record<SideName, Registry>>;
  readonly #started: AsyncDisposable;

  private constructor(registries: Readonly<Record<SideName, Registry>>, started: AsyncDisposable) {
    this.#registries = registries;
    this.#started = started;
  }

  /** Starts them. Resolves when the source has everything that the recipe makes, and the targets nothing. */
  static async start(options: RegistryOptions): Promise<Stage> {
    await using started = new AsyncDisposableStack();
    const start = async (side: SideName): Promise<Registry> => started.use(await Registry.start({ ...options, side }));
    const registries = await bySide(start);
    await registries.source.ask("fill");
    return new Stage(registries, started.move());
  }

  /** Where they are, and what the source holds. */
  get place(): Place {
    const { source, target, second } = this.#registries;
    const hosts = { source: source.ready.host, target: target.ready.host, second: second.ready.host };
    const { uniqueBytes, repositories, tags } = source.ready;
    return { hosts, uniqueBytes, repositories, tags };
  }

  /** Gives every target all images. */
  async fill(): Promise<void> {
    await this.#tellTargets("fill");
  }

  /** Takes everything from every target. */
  async empty(): Promise<void> {
    await this.#tellTargets("empty");
  }

  /** Counts from nothing again. */
  async forget(): Promise<void> {
    await this.#askAll("forget");
  }

  /** What was asked since, and what the registries needed of the processor for it. */
  async counts(): Promise<StageCounts> {
    const replies = await this.#askAll("counts");
    const sides = await bySide((side) => replies[side].counts ?? mute(side));
    const cpu = await bySide((side) => replies[side].cpuSeconds ?? mute(side));
    return { sides, cpuSeconds: cpu.source + cpu.target + cpu.second };
  }

  /** How many tags a side has that name what they should. */
  async matching(side: SideName): Promise<number> {
    return (await this.#registries[side].ask("matching")).matching ?? mute(side);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started[Symbol.asyncDispose]();
  }

  async #tellTargets(command: Command): Promise<void> {
    const { target, second } = this.#registries;
    await Promise.all([target.ask(command), second.ask(command)]);
  }

  async #askAll(command: Command): Promise<Readonly<Record<SideName, Reply>>> {
    return await bySide((side) => this.#registries[side].ask(command));
  }
}

async function bySide<T>(valueOf: (side: SideName) => T | Promise<T>): Promise<Record<SideName, T>> {
  const [source, target, second] = await Promise.all([valueOf("source"), valueOf("target"), valueOf("second")]);
  return { source, target, second };
}

function mute(side: SideName): never {
  throw new Error(`the ${side} did not say what it was asked`);
}
