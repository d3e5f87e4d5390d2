import { expect, test } from "vitest";
import { openBody } from "../../../src/registry/transport/request-body.ts";
import { Watchdog } from "../../../src/registry/transport/watchdog.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { unhurried } from "../../support/registry-client.ts";

const kibibyte = 1024;
const bytes = Buffer.alloc(8 * 1024 * kibibyte, 7);

/** Sends eight mebibytes to a host that takes so long for each part. Gives the parts' lengths, and complaints. */
async function send(tookMs: (part: number) => number) {
  const clock = new FakeClock();
  using watchdog = new Watchdog(clock);
  const complaints: string[] = [];
  const limits = { stallMs: 60_000, answerMs: 60_000, stalled: (what: string) => void complaints.push(what) };
  const sending = { clock, copies: false, watchdog, ...limits };
  await using body = await openBody({ kind: "bytes", bytes, mediaType: "a/b" }, sending, unhurried());
  const lengths: number[] = [];
  if (body.content === null || body.content instanceof Uint8Array) throw new Error("it goes out at once");
  for await (const part of body.content) {
    lengths.push(part.byteLength / kibibyte);
    clock.advance(tookMs(lengths.length));
  }
  return { lengths, complaints };
}

test("sends more and more at once to a host that takes it quickly", async () => {
  const { lengths } = await send(() => 1);

  expect(lengths.slice(0, 6)).toEqual([64, 128, 256, 512, 1024, 1024]);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(bytes.byteLength / kibibyte);
});

test("sends little at once to a host that takes it slowly, which is no stall", async () => {
  const { lengths, complaints } = await send(() => 59_000);

  expect(new Set(lengths)).toEqual(new Set([64]));
  expect(complaints).toEqual([]);
});

test("takes a host for stalled that does not take a part in time", async () => {
  const { complaints } = await send(() => 60_000);

  expect(complaints[0]).toBe("taken a byte of what is sent");
});

test("sends little at once again when a host becomes slow", async () => {
  const { lengths } = await send((part) => (part === 3 ? 5_000 : 1));

  expect(lengths.slice(0, 5)).toEqual([64, 128, 256, 64, 128]);
});
