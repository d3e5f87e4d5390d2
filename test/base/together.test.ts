import { expect, test } from "vitest";
import { Interrupted } from "../../src/base/failure.ts";
import { forEachBounded, orAborted, together } from "../../src/base/together.ts";

const never = new AbortController().signal;

test("waits until every task has ended, also the ones that were stopped", async () => {
  const ended: string[] = [];
  const failing = async (): Promise<void> => {
    throw new Error("first");
  };
  const slow = (signal: AbortSignal): Promise<void> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () =>
        queueMicrotask(() => {
          ended.push("slow");
          reject(new Interrupted());
        }),
      );
    });

  await expect(together([slow, failing], never)).rejects.toThrow("first");

  expect(ended).toEqual(["slow"]);
});

test("throws the failure that stopped the others and not their interruption", async () => {
  const interrupted = async (): Promise<void> => {
    throw new Interrupted();
  };
  const real = async (): Promise<void> => {
    throw new Error("real");
  };

  await expect(together([interrupted, real], never)).rejects.toThrow("real");
});

test("tells its tasks when it is stopped from outside", async () => {
  const stop = new AbortController();
  const told = together(
    [
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Interrupted(signal.reason)));
        }),
    ],
    stop.signal,
  );

  stop.abort();

  await expect(told).rejects.toBeInstanceOf(Interrupted);
});

test("is not done when it is stopped before the last of many tasks began", async () => {
  const stop = new AbortController();
  let begun = 0;
  const task = async (): Promise<void> => {
    begun += 1;
    stop.abort();
  };

  await expect(
    together(
      Array.from({ length: 1_000 }, () => task),
      stop.signal,
    ),
  ).rejects.toBeInstanceOf(Interrupted);

  expect(begun).toBeLessThan(1_000);
});

test("does at most so many at once, in order, and all of them", async () => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];

  await forEachBounded(
    [0, 1, 2, 3, 4, 5, 6],
    3,
    async (item) => {
      begun.push(item);
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    },
    never,
  );

  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});

test("starts no more once it is stopped", async () => {
  const stop = new AbortController();
  const begun: number[] = [];

  await forEachBounded(
    [0, 1, 2, 3],
    1,
    async (item) => {
      begun.push(item);
      if (item === 1) stop.abort();
    },
    stop.signal,
  );

  expect(begun).toEqual([0, 1]);
});

test("stops waiting when told to, while the others go on", async () => {
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = orAborted(promise, stop.signal);

  stop.abort();
  resolve("done");

  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  await expect(promise).resolves.toBe("done");
});

test("does not leave a rejection unhandled when it was told to stop before", async () => {
  await expect(orAborted(Promise.reject(new Error("late")), AbortSignal.abort())).rejects.toBeInstanceOf(Interrupted);
});
