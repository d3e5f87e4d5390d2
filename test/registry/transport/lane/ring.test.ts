import { expect, test } from "vitest";
import { Ring } from "../../../../src/registry/transport/lane/ring.ts";

/** Fills the rest of the present slab with one value. Gives its bytes. */
function fillSlab(ring: Ring, value: number): number {
  const { byteLength } = ring.inlet.fill(value);
  ring.fill(byteLength);
  return byteLength;
}

test("gives what was filled in, in order and in pieces that do not cross slabs", () => {
  const ring = new Ring();

  fillSlab(ring, 1);
  ring.copyIn(Uint8Array.of(2, 3));

  expect(ring.take()?.every((byte) => byte === 1)).toBe(true);
  expect(ring.take()).toEqual(Buffer.of(2, 3));
  expect(ring.take()).toBeUndefined();
});

test("keeps a piece until the second one after it is asked for", () => {
  const ring = new Ring();
  let value = 0;
  let last: Uint8Array | undefined;
  const fill = (): void => {
    while (ring.hasRoom) fillSlab(ring, ++value);
  };
  for (let round = 0; round < 50; round++) {
    fill();
    const kept = last;
    const before = kept?.[0];

    last = ring.take();
    fill();
    last ??= ring.take();

    expect(kept?.every((byte) => byte === before)).not.toBe(false);
    expect(last?.[0]).toBe((round + 1) % 256);
  }
});

test("has no room when nothing is taken, and still takes a slab that comes nevertheless", () => {
  const ring = new Ring();

  while (ring.hasRoom) fillSlab(ring, 1);

  expect(ring.inlet.byteLength).toBeGreaterThan(100_000);
  expect(() => ring.fill(ring.inlet.byteLength - 1)).not.toThrow();
  expect(() => fillSlab(ring, 2)).toThrow("more was received than there is memory for");
});
