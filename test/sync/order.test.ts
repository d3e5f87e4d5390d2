import { expect, test } from "vitest";
import { addImage } from "../copy/samples.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { entry, Passes, told } from "./passes.ts";

const signal = new AbortController().signal;

/** A repository to be mirrored, while somebody else copies and nobody else may. */
class Busy {
  readonly passes = new Passes();
  readonly source: MemoryRepository = this.passes.stores.host("a.test").repository("app");
  readonly target: MemoryRepository = this.passes.stores.host("b.test").repository("app");

  /** Starts a pass, waits until it can do no more, lets it copy, and gives its report. */
  async pass(meanwhile: () => void = () => undefined): Promise<string[]> {
    const other = await this.passes.gate.take(signal);
    const running = this.passes.run([entry("repository", "a.test/app", "b.test/app")]);
    for (let quiet = 0, seen = -1; quiet < 20; quiet = seen === this.#calls ? quiet + 1 : 0) {
      seen = this.#calls;
      await new Promise((resolve) => setImmediate(resolve));
    }
    meanwhile();
    other[Symbol.dispose]();
    return told((await running).images);
  }

  get #calls(): number {
    return this.source.calls.length + this.target.calls.length;
  }

  get puts(): string[] {
    return this.target.called("put").filter((call) => !call.includes(":"));
  }
}

test("what is missing is copied before what is only to be refreshed", async () => {
  const busy = new Busy();
  for (const tag of ["old1", "old2"]) {
    addImage(busy.source, tag, [tag]);
    addImage(busy.target, tag, ["before"]);
  }
  for (const tag of ["new1", "new2"]) addImage(busy.source, tag, [tag]);

  await busy.pass();

  expect(busy.puts).toEqual(["put new1", "put new2", "put old1", "put old2"]);
});

test("what goes to a host in trouble is copied last", async () => {
  const busy = new Busy();
  addImage(busy.source, "v1", ["one"]);
  const other = busy.passes.stores.host("c.test").repository("app");
  addImage(busy.source, "v2", ["two"]);
  busy.target.isTroubled = true;
  const order: string[] = [];
  busy.target.before = (call) => void (call === "put v1" && order.push("in trouble"));
  other.before = (call) => void (call === "put v2" && order.push("well"));
  const gate = await busy.passes.gate.take(signal);
  const running = busy.passes.run(
    [entry("image", "a.test/app:v1", "b.test/app:v1"), entry("image", "a.test/app:v2", "c.test/app:v2")],
    { parallel: 1 },
  );
  while (busy.passes.gate.waiting < 2) await new Promise((resolve) => setImmediate(resolve));

  gate[Symbol.dispose]();
  await running;

  expect(order).toEqual(["well", "in trouble"]);
});

test("tags are looked at while others wait to be copied", async () => {
  const busy = new Busy();
  for (let at = 0; at < 40; at += 1) addImage(busy.source, `new${at}`, [`${at}`]);
  for (let at = 0; at < 40; at += 1) {
    addImage(busy.source, `same${at}`, ["same"]);
    addImage(busy.target, `same${at}`, ["same"]);
  }
  let looked = 0;

  const all = await busy.pass(() => (looked = busy.target.called("head").length));

  expect(looked).toBe(80);
  expect(all).toHaveLength(80);
});

test("no more are decided on than can soon be copied", async () => {
  const busy = new Busy();
  for (let at = 0; at < 300; at += 1) addImage(busy.source, `new${at}`, [`${at}`]);
  let looked = 0;

  const all = await busy.pass(() => (looked = busy.target.called("head").length));

  expect(looked).toBeGreaterThanOrEqual(64);
  expect(looked).toBeLessThanOrEqual(64 + 5);
  expect(all).toHaveLength(300);
});
