import { expect, test } from "vitest";
import { KeyedLock } from "../../src/base/keyed-lock.ts";

const signal = new AbortController().signal;

test("does one thing at a time for each key, in the order they came", async () => {
  const lock = new KeyedLock();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const note = (text: string, until?: Promise<void>) => async (): Promise<void> => {
    order.push(`${text} begins`);
    await until;
    order.push(`${text} ends`);
  };

  const running = [
    lock.run("a", note("one", first.promise), signal),
    lock.run("a", note("two"), signal),
    lock.run("b", note("other"), signal),
  ];
  await running[2];
  first.resolve();
  await Promise.all(running);

  expect(order).toEqual(["one begins", "other begins", "other ends", "one ends", "two begins", "two ends"]);
});

test("goes on after a failure, and gives what was done", async () => {
  const lock = new KeyedLock();

  const failing = lock.run("a", () => Promise.reject(new Error("no")), signal);
  const next = lock.run("a", () => Promise.resolve(7), signal);

  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe(7);
});

test("is not waited for after an abort, and stays with who has it", async () => {
  const lock = new KeyedLock();
  const first = Promise.withResolvers<void>();
  const stop = new AbortController();
  const holding = lock.run("a", () => first.promise, signal);

  const waiting = lock.run("a", () => Promise.resolve(), stop.signal);
  stop.abort();

  await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  first.resolve();
  await holding;
  expect(await lock.run("a", () => Promise.resolve("free"), signal)).toBe("free");
});
