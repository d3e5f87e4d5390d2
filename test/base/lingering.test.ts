import { expect, test } from "vitest";
import { LingeringController } from "../../src/base/lingering.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("aborts some time after the signal it follows, with the same reason", () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  using lingering = new LingeringController(stop.signal, 2_000, clock);

  stop.abort("enough");
  clock.advance(1_999);
  expect(lingering.signal.aborted).toBe(false);

  clock.advance(1);
  expect(lingering.signal.aborted).toBe(true);
  expect(lingering.signal.reason).toBe("enough");
});

test("does not abort, and leaves no timer, once it was disposed", () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const lingering = new LingeringController(stop.signal, 2_000, clock);
  stop.abort();

  lingering[Symbol.dispose]();
  clock.advance(10_000);

  expect(lingering.signal.aborted).toBe(false);
  expect(clock.alarms).toBe(0);
});

test("forgets the signal it follows once it was disposed", () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const lingering = new LingeringController(stop.signal, 2_000, clock);

  lingering[Symbol.dispose]();
  stop.abort();

  expect(clock.alarms).toBe(0);
});
