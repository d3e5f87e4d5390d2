import { describe, expect, test } from "vitest";
import type { Lease } from "../../src/base/limiter.ts";
import { AdaptiveWidth } from "../../src/registry/adaptive-width.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { unhurried } from "../support/registry-client.ts";

/** A host that always has more to do than it may. */
class BusyHost {
  readonly clock = new FakeClock();
  readonly width: AdaptiveWidth;

  constructor(cap?: number) {
    this.width = new AdaptiveWidth(cap, this.clock);
  }

  /** Fills every slot and has each request answered after so long; says how wide the host is then. */
  async round(latencyMs: number): Promise<number> {
    const { slots } = this.width;
    const leases: Lease[] = [];
    while (slots.hasRoom) leases.push(await slots.take(unhurried()));
    const sentAtMs = this.clock.monotonic();
    this.clock.advance(latencyMs);
    for (let answered = leases.length; answered > 0; answered--) this.width.answered(sentAtMs);
    for (const lease of leases) lease[Symbol.dispose]();
    return slots.width;
  }

  async rounds(count: number, latencyMs: number): Promise<number> {
    for (let round = 0; round < count; round++) await this.round(latencyMs);
    return this.width.slots.width;
  }
}

describe("how many requests a host gets at once", () => {
  test("begins with three and doubles every round while it answers quickly", async () => {
    const host = new BusyHost();
    const widths = [host.width.slots.width];
    for (let round = 0; round < 4; round += 1) widths.push(await host.round(50));

    expect(widths).toEqual([3, 6, 12, 24, 32]);
  });

  test("grows by one a round once the host has shown strain", async () => {
    const host = new BusyHost();
    await host.round(50);
    host.width.overloaded(host.clock.monotonic());
    const widths: number[] = [];
    for (let round = 0; round < 4; round += 1) widths.push(await host.round(50));

    expect(widths).toEqual([3, 4, 5, 6]);
  });

  test("grows no further while answers stand in line, and goes on when they do not", async () => {
    const host = new BusyHost();
    await host.round(10);
    await host.rounds(3, 40);
    const wide = host.width.slots.width;

    expect(await host.rounds(5, 40)).toBe(wide);
    expect(wide).toBeLessThan(32);
    expect(await host.rounds(6, 10)).toBe(32);
  });

  test("never exceeds thirty-two", async () => {
    expect(await new BusyHost().rounds(200, 5)).toBe(32);
  });

  test("does not grow without need", async () => {
    const host = new BusyHost();
    for (let asked = 0; asked < 100; asked++) {
      using _one = await host.width.slots.take(unhurried());
      host.width.answered(host.clock.monotonic());
    }

    expect(host.width.slots.width).toBe(3);
  });

  test("halves at once when the host is overloaded, once for all that were under way together", async () => {
    const host = new BusyHost();
    await host.rounds(200, 5);
    const sentAtMs = host.clock.monotonic();
    host.clock.advance(5);

    for (let refused = 0; refused < 32; refused++) host.width.overloaded(sentAtMs);

    expect(host.width.slots.width).toBe(16);
  });

  test("goes down to one at a host that refuses everything, and no further", () => {
    const host = new BusyHost();
    for (let refused = 0; refused < 10; refused++) {
      const sentAtMs = host.clock.monotonic();
      host.clock.advance(1_000);
      host.width.overloaded(sentAtMs);
    }

    expect(host.width.slots.width).toBe(1);
  });

  test("shrinks when answers take much longer than usual, down to where it began", async () => {
    const host = new BusyHost();
    await host.rounds(200, 20);

    expect(await host.rounds(6, 2_000)).toBeLessThan(32);
    expect(await host.rounds(100, 3_000)).toBeGreaterThanOrEqual(3);
  });

  test("stays wide at a host that is always slow", async () => {
    expect(await new BusyHost().rounds(200, 2_000)).toBe(32);
  });

  test("starts at the user's number and never exceeds it", async () => {
    const host = new BusyHost(5);

    expect(host.width.slots.width).toBe(5);
    expect(await host.rounds(50, 5)).toBe(5);
  });

  test("shrinks below the user's number when the host is overloaded, and grows back to it", async () => {
    const host = new BusyHost(8);
    host.width.overloaded(host.clock.monotonic());

    expect(host.width.slots.width).toBe(4);
    expect(await host.rounds(50, 5)).toBe(8);
  });
});
