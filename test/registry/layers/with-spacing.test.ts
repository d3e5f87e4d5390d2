import { expect, test } from "vitest";
import { Spacing, withSpacing } from "../../../src/registry/layers/with-spacing.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { unhurried } from "../../support/registry-client.ts";

async function startsOf(requests: number, perSecond: number): Promise<readonly number[]> {
  const clock = new FakeClock(0);
  const spacing = new Spacing(perSecond);
  const starts: number[] = [];
  const send = withSpacing(
    () => {
      starts.push(clock.now());
      return Promise.resolve(new FakeAnswer(200));
    },
    () => spacing,
    clock,
  );
  for (let sent = 0; sent < requests; sent++) await send(makeRequest(), unhurried());
  return starts;
}

test("starts no more requests a second than allowed", async () => {
  expect(await startsOf(4, 2)).toEqual([0, 500, 1_000, 1_500]);
});

test("understands less than one request a second", async () => {
  expect(await startsOf(3, 0.5)).toEqual([0, 2_000, 4_000]);
});

test("waits for nothing when nothing is asked for", async () => {
  expect(await startsOf(3, 0)).toEqual([0, 0, 0]);
});

test("stops waiting on an abort", async () => {
  const clock = new FakeClock();
  const spacing = new Spacing(1);
  const send = withSpacing(
    () => Promise.resolve(new FakeAnswer(200)),
    () => spacing,
    clock,
  );
  await send(makeRequest(), unhurried());

  await expect(send(makeRequest(), AbortSignal.abort())).rejects.toMatchObject({ code: "INTERRUPTED" });
});
