import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { onAbort } from "../../src/base/on-abort.ts";

test("calls everybody who listens, in the order they came, once", () => {
  const stop = new AbortController();
  const called: number[] = [];
  for (const number of [1, 2, 3]) onAbort(stop.signal, () => called.push(number));

  stop.abort();
  stop.abort();

  expect(called).toEqual([1, 2, 3]);
});

test("does not call who has stopped to listen", () => {
  const stop = new AbortController();
  const called: string[] = [];
  onAbort(stop.signal, () => called.push("listens"));
  const gone = onAbort(stop.signal, () => called.push("gone"));

  gone[Symbol.dispose]();
  stop.abort();

  expect(called).toEqual(["listens"]);
});

test("does not call who was told to stop listening by one before", () => {
  const stop = new AbortController();
  const called: string[] = [];
  onAbort(stop.signal, () => second[Symbol.dispose]());
  const second = onAbort(stop.signal, () => called.push("second"));

  stop.abort();

  expect(called).toEqual([]);
});

test("calls soon who comes when it has aborted already, and not before it has what was given back", async () => {
  const called: string[] = [];
  onAbort(AbortSignal.abort(), () => called.push("late"));
  const gone = onAbort(AbortSignal.abort(), () => called.push("gone"));
  gone[Symbol.dispose]();
  const atOnce = [...called];

  await turn();

  expect(atOnce).toEqual([]);
  expect(called).toEqual(["late"]);
});

test("calls who comes while the others are called", async () => {
  const stop = new AbortController();
  const called: string[] = [];
  onAbort(stop.signal, () => onAbort(stop.signal, () => called.push("late")));

  stop.abort();
  await turn();

  expect(called).toEqual(["late"]);
});

test("listens to a signal once for all, and not at all when nobody does", () => {
  const stop = new AbortController();
  const count = (): number => getEventListeners(stop.signal, "abort").length;
  const all = Array.from({ length: 3 }, () => onAbort(stop.signal, () => undefined));

  const together = count();
  for (const each of all) each[Symbol.dispose]();
  const afterwards = count();
  onAbort(stop.signal, () => undefined);

  expect(together).toBe(1);
  expect(afterwards).toBe(0);
  expect(count()).toBe(1);
});
