import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { CopyLine } from "../../src/sync/copy-line.ts";

/** Begins work that waits at once, and ends when it is told to. */
function beginWaiting(line: CopyLine) {
  const { promise, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const begun = line.begin((waits) => {
    waits();
    return promise;
  });
  begun.catch(() => undefined); // looked at where it matters
  return { begun, end, fail };
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await turn();
  return (await Promise.race([promise.then(() => "settled"), Promise.resolve("pending")])) === "settled";
}

test("lets further tags be looked at while images wait to be copied", async () => {
  const line = new CopyLine(3);
  const first = beginWaiting(line);

  await first.begun;

  first.end();
  await line.drained();
});

test("does not hold up for work that ends without having waited", async () => {
  const line = new CopyLine(1);
  beginWaiting(line);

  await line.begin(() => Promise.resolve());
});

test("holds up everybody who finds the line full until there is room again", async () => {
  const line = new CopyLine(2);
  const first = beginWaiting(line);
  const second = beginWaiting(line);
  const third = beginWaiting(line);
  await first.begun;

  const atFirst = [await isSettled(second.begun), await isSettled(third.begun)];
  first.end();
  const whenOneHasEnded = [await isSettled(second.begun), await isSettled(third.begun)];
  second.end();
  await Promise.all([second.begun, third.begun]);

  expect(atFirst).toEqual([false, false]);
  expect(whenOneHasEnded).toEqual([false, false]);
});

test("is drained when the last of its work has ended", async () => {
  const line = new CopyLine(10);
  const works = [beginWaiting(line), beginWaiting(line)];
  await Promise.all(works.map(({ begun }) => begun));
  const drained = line.drained();

  works[0]?.end();
  const isEarly = await isSettled(drained);
  works[1]?.end();
  await drained;

  expect(isEarly).toBe(false);
});

test("tells a rejection to those who wait for room", async () => {
  const line = new CopyLine(1);
  const first = beginWaiting(line);
  await turn();

  first.fail(new Error("a defect"));

  await expect(first.begun).rejects.toThrow("a defect");
});

test("tells whoever waits for the end of a rejection that came before", async () => {
  const line = new CopyLine(10);
  const first = beginWaiting(line);
  await first.begun;
  first.fail(new Error("a defect"));
  await turn();

  await expect(line.drained()).rejects.toThrow("a defect");
});
