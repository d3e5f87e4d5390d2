import { expect, test } from "vitest";
import { Limiter, takeAll } from "../../src/base/limiter.ts";
import { Interrupted } from "../../src/base/failure.ts";

const never = new AbortController().signal;

test("lets in as many as it is wide and the next one when a slot is given back", async () => {
  const limiter = new Limiter(2);
  const first = await limiter.take(never);
  await limiter.take(never);
  let third = false;
  const waiting = (async () => {
    await limiter.take(never);
    third = true;
  })();

  await Promise.resolve();
  expect(third).toBe(false);

  first[Symbol.dispose]();
  await waiting;
  expect(limiter.taken).toBe(2);
});

test("serves small requests before large ones, each class in the order it came", async () => {
  const limiter = new Limiter(1);
  const held = await limiter.take(never);
  const order: string[] = [];
  const queue = (["large", "small", "large", "small"] as const).map(async (urgency, position) => {
    using _slot = await limiter.take(never, urgency);
    order.push(`${urgency} ${position}`);
  });

  held[Symbol.dispose]();
  await Promise.all(queue);

  expect(order).toEqual(["small 1", "small 3", "large 0", "large 2"]);
});

test("takes slots of two hosts together, so that opposite transfers never block each other", async () => {
  const [left, right] = [new Limiter(1), new Limiter(1)];
  const transfers = Array.from({ length: 20 }, async (_, position) => {
    using lease = await takeAll(position % 2 === 0 ? [left, right] : [right, left], never);
    await Promise.resolve();
    expect(lease.covers(left) && lease.covers(right)).toBe(true);
  });

  await Promise.all(transfers);

  expect([left.taken, right.taken]).toEqual([0, 0]);
});

test("takes a limiter that is named twice once", async () => {
  const limiter = new Limiter(1);

  using lease = await takeAll([limiter, limiter], never);

  expect(lease.covers(limiter)).toBe(true);
  expect(limiter.taken).toBe(1);
});

test("gives a slot back once, however often the lease is disposed", async () => {
  const limiter = new Limiter(3);
  const lease = await limiter.take(never);
  await limiter.take(never);

  lease[Symbol.dispose]();
  lease[Symbol.dispose]();

  expect(limiter.taken).toBe(1);
  expect(lease.covers(limiter)).toBe(false);
});

test("forgets who stopped waiting", async () => {
  const limiter = new Limiter(1);
  const held = await limiter.take(never);
  const stop = new AbortController();
  const waiting = limiter.take(stop.signal);

  stop.abort();

  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  expect(limiter.waiting).toBe(0);
  held[Symbol.dispose]();
  expect(limiter.taken).toBe(0);
});

test("refuses at once when the signal has aborted already", async () => {
  const limiter = new Limiter(1);

  await expect(limiter.take(AbortSignal.abort())).rejects.toBeInstanceOf(Interrupted);
  expect(limiter.taken).toBe(0);
});

test("lets in those who fit when it is made wider, and nobody new until it has room when made narrower", async () => {
  const limiter = new Limiter(1);
  const held = await limiter.take(never);
  const second = limiter.take(never);

  limiter.resize(2);
  const other = await second;
  limiter.resize(1);
  other[Symbol.dispose]();

  expect(limiter.hasRoom).toBe(false);
  held[Symbol.dispose]();
  expect(limiter.hasRoom).toBe(true);
});

test("gives some slots of a lease back before the others, each once", async () => {
  const [one, two] = [new Limiter(1), new Limiter(1)];
  const lease = await takeAll([one, two], never);

  lease.giveBack([one]);
  lease.giveBack([one]);
  expect([one.taken, two.taken]).toEqual([0, 1]);
  expect([lease.covers(one), lease.covers(two)]).toEqual([false, true]);
  lease[Symbol.dispose]();

  expect([one.taken, two.taken]).toEqual([0, 0]);
});
