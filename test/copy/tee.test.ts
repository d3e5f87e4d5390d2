import { describe, expect, test } from "vitest";
import { Tee } from "../../src/copy/tee.ts";
import type { Download, OpenContent } from "../../src/oci/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { settled } from "../support/settled.ts";

const never = new AbortController().signal;

/**
 * Content of so many pieces, each filled with its number; counts what happens to it. Its pieces are lent for as short as
 * they may be: until the next one is asked for.
 */
class Pieces {
  readonly #count: number;
  readonly #failsAt: number;
  given = 0;
  opened = 0;
  closed = 0;
  signal: AbortSignal | undefined;

  constructor(count: number, failsAt = Number.POSITIVE_INFINITY) {
    this.#count = count;
    this.#failsAt = failsAt;
  }

  readonly open: OpenContent = (signal) => {
    this.opened += 1;
    this.signal = signal;
    return Promise.resolve({
      chunks: this.#chunks(),
      [Symbol.asyncDispose]: async () => {
        this.closed += 1;
      },
    });
  };

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    const memory = new Uint8Array(1024);
    for (let at = 0; at < this.#count; at += 1) {
      if (at === this.#failsAt) throw new Error("the source broke");
      this.given += 1;
      yield memory.fill(at % 256);
    }
  }
}

/** A reader that takes what it is told to take. */
class Taker {
  readonly #download: Download;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly numbers: number[] = [];
  /** The last piece, which is valid. */
  lent: Uint8Array | undefined;

  constructor(download: Download | undefined) {
    this.#download = download ?? expect.unreachable("it came too late");
    this.#pieces = this.#download.chunks[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken += 1) {
      const { done = false, value } = await this.#pieces.next();
      if (done) return;
      this.numbers.push(value?.[0] ?? -1);
      this.lent = value;
    }
  }

  async close(): Promise<void> {
    await this.#download[Symbol.asyncDispose]();
  }
}

const nothing = (): void => undefined;

async function twoTakers(tee: Tee, onGivenUp = nothing): Promise<[Taker, Taker]> {
  const [first, second] = await Promise.all([tee.join(never, onGivenUp), tee.join(never, onGivenUp)]);
  return [new Taker(first), new Taker(second)];
}

function teeOf(pieces: Pieces, seats: number, clock = new FakeClock()): Tee {
  return new Tee(pieces.open, seats, clock, () => undefined);
}

test("gives every reader all of the content, in order, and reads it once", async () => {
  const pieces = new Pieces(40);
  const tee = teeOf(pieces, 2);

  const [one, two] = await twoTakers(tee);
  await Promise.all([one.take(100), two.take(100)]);

  const all = Array.from({ length: 40 }, (_, at) => at);
  expect([one.numbers, two.numbers]).toEqual([all, all]);
  expect([pieces.opened, pieces.given, pieces.closed]).toEqual([1, 40, 1]);
});

test("opens the source only when every seat is taken or given up", async () => {
  const pieces = new Pieces(1);
  const tee = teeOf(pieces, 3);

  const joining = [tee.join(never, nothing), tee.join(never, nothing)];
  await settled();
  expect(pieces.opened).toBe(0);
  tee.giveUpSeat();
  await Promise.all(joining);

  expect(pieces.opened).toBe(1);
});

test("asks for a piece when every reader is done with the last, however far one could run ahead", async () => {
  const pieces = new Pieces(100);
  const [fast, slow] = await twoTakers(teeOf(pieces, 2));
  const running = fast.take(101);
  await settled();
  expect([fast.numbers.length, pieces.given]).toEqual([1, 1]);

  await slow.take(5);
  await settled();

  expect([fast.numbers.length, pieces.given]).toEqual([5, 5]);
  await Promise.all([running, slow.take(101)]);
  expect([fast.numbers.length, slow.numbers.length]).toEqual([100, 100]);
});

test("goes on without a reader that takes nothing for ten seconds while another waits", async () => {
  const clock = new FakeClock();
  const pieces = new Pieces(100);
  const tee = teeOf(pieces, 2, clock);
  let givenUp = 0;
  const [fast, stalled] = await twoTakers(tee, () => {
    givenUp += 1;
  });
  await stalled.take(1);
  const running = fast.take(100);
  await settled();

  clock.advance(9_999);
  await settled();
  expect([fast.numbers.length, givenUp]).toEqual([1, 0]);
  clock.advance(1);
  await running;

  expect([fast.numbers.length, givenUp]).toEqual([100, 1]);
  await expect(stalled.take(1)).rejects.toMatchObject({ name: "FellBehind" });
  expect(pieces.opened).toBe(1);
  await fast.close();
  expect(clock.alarms).toBe(0);
});

test("does not give up a slow reader that goes on taking, however long it lasts", async () => {
  const clock = new FakeClock();
  const tee = teeOf(new Pieces(20), 2, clock);
  const [fast, slow] = await twoTakers(tee);
  const running = fast.take(100);

  for (let taken = 0; taken < 20; taken += 1) {
    await slow.take(1);
    await settled();
    clock.advance(9_000);
  }

  await Promise.all([running, slow.take(1)]);
  expect(slow.numbers).toHaveLength(20);
});

test("begins without a reader that has not come for ten seconds, and has nothing for it later", async () => {
  const clock = new FakeClock();
  const pieces = new Pieces(3);
  const tee = teeOf(pieces, 2, clock);

  const joining = tee.join(never, nothing);
  clock.advance(10_000);
  const one = new Taker(await joining);

  expect(await tee.join(never, nothing)).toBeUndefined();
  await one.take(10);
  expect(one.numbers).toEqual([0, 1, 2]);
});

describe("a reader that leaves", () => {
  test("does not disturb the others", async () => {
    const pieces = new Pieces(50);
    const tee = teeOf(pieces, 2);
    const [one, two] = await twoTakers(tee);
    await Promise.all([one.take(1), two.take(1)]);

    await one.close();
    await two.take(100);

    expect(two.numbers).toHaveLength(50);
    expect(pieces.signal?.aborted).toBe(false);
  });

  test("ends the source when it was the last", async () => {
    const pieces = new Pieces(50);
    const tee = teeOf(pieces, 2);
    const [one, two] = await twoTakers(tee);

    await one.close();
    await two.take(1);
    await two.close();

    expect(pieces.signal?.aborted).toBe(true);
    expect(pieces.closed).toBe(1);
  });

  test("before it all began is no longer waited for", async () => {
    const stop = new AbortController();
    const pieces = new Pieces(2);
    const tee = teeOf(pieces, 2);

    const leaving = tee.join(stop.signal, nothing);
    stop.abort();
    await expect(leaving).rejects.toMatchObject({ code: "INTERRUPTED" });
    const one = new Taker(await tee.join(never, nothing));
    expect(pieces.signal?.aborted).toBe(false);
    await one.take(5);
    await one.close();

    expect(one.numbers).toEqual([0, 1]);
    expect(pieces.signal?.aborted).toBe(true);
  });
});

test("hands a failure of the source to every reader", async () => {
  const pieces = new Pieces(10, 4);
  const tee = teeOf(pieces, 2);
  const [one, two] = await twoTakers(tee);

  const both = await Promise.allSettled([one.take(10), two.take(10)]);

  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect([one.numbers, two.numbers]).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ]);
  expect(pieces.closed).toBe(1);
});

test("hands it to every reader when the source cannot even be opened", async () => {
  const tee = new Tee(
    () => Promise.reject(new Error("no such blob")),
    2,
    new FakeClock(),
    () => undefined,
  );

  const both = await Promise.allSettled([tee.join(never, nothing), tee.join(never, nothing)]);

  expect(both.map((each) => each.status === "rejected" && String(each.reason))).toEqual([
    "Error: no such blob",
    "Error: no such blob",
  ]);
});

test("a piece stays as it is until its reader asks for the next, although the source only lends it for so long", async () => {
  const [fast, slow] = await twoTakers(teeOf(new Pieces(50), 2));
  const running = fast.take(51);
  const seen: Set<number>[] = [];

  for (let taken = 0; taken < 50; taken += 1) {
    await slow.take(1);
    await settled();
    seen.push(new Set(slow.lent));
  }
  await Promise.all([running, slow.take(1)]);

  expect(seen).toEqual(Array.from({ length: 50 }, (_, at) => new Set([at])));
});
