import { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Connection } from "../../../../src/registry/transport/lane/connection.ts";
import { Rings } from "../../../../src/registry/transport/lane/ring.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { unhurried } from "../../../support/registry-client.ts";

const mebibyte = 1024 * 1024;

/** A socket that takes all that is written, and always has more to read for whoever wants it. */
class EagerSocket extends Socket {
  isRead = true;

  override write(_bytes: unknown, done?: unknown): boolean {
    if (typeof done === "function") done();
    return true;
  }

  override resume(): this {
    this.isRead = true;
    return this;
  }
}

/** A blob of this length on its way, whose host is as fast as can be. */
class Flood {
  readonly #socket = new EagerSocket();
  readonly connection = new Connection(new Rings(), new FakeClock()).attach(this.#socket);
  #missingBytes: number;

  private constructor(lengthBytes: number) {
    this.#missingBytes = lengthBytes;
  }

  static async of(lengthBytes: number): Promise<Flood> {
    const flood = new Flood(lengthBytes);
    const request = { method: "GET", path: "/", headers: {}, body: null, signal: unhurried() } as const;
    const answer = flood.connection.request(request, "registry.example.com");
    const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${lengthBytes}\r\n\r\n`);
    head.copy(flood.#inlet);
    flood.#arrive(head.byteLength);
    await answer;
    return flood;
  }

  get isRead(): boolean {
    return this.#socket.isRead;
  }

  /** All that comes in one turn of the event loop. Gives its length. */
  async pour(): Promise<number> {
    const before = this.#missingBytes;
    while (this.#socket.isRead && this.#missingBytes > 0) {
      const bytes = Math.min(this.#inlet.byteLength, this.#missingBytes);
      this.#missingBytes -= bytes;
      this.#arrive(bytes);
      await new Promise((resolve) => process.nextTick(resolve)); // whoever waits for a piece looks at it
    }
    return before - this.#missingBytes;
  }

  get #inlet(): Uint8Array {
    const { buffer } = this.connection.onread;
    return typeof buffer === "function" ? buffer() : buffer;
  }

  #arrive(bytes: number): void {
    this.#socket.isRead = this.connection.onread.callback(bytes, this.#inlet);
  }
}

/** Takes every piece as soon as it is there. Gives the length of all. */
async function takeAll(connection: Connection): Promise<number> {
  let taken = 0;
  for (;;) {
    const piece = await connection.next();
    if (piece === undefined) return taken;
    taken += piece.byteLength;
  }
}

test("a host that always has more lets everything else have its turn after a few megabytes", async () => {
  const flood = await Flood.of(9 * mebibyte);
  const taking = takeAll(flood.connection);

  const poured: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    poured.push(await flood.pour());
    await nextTurn();
  }

  expect(poured.map((bytes) => bytes / mebibyte)).toEqual([4, 4, 1]);
  expect(await taking).toBe(9 * mebibyte);
});

test("no turn makes room where there is none", async () => {
  const flood = await Flood.of(9 * mebibyte);

  await flood.pour();
  await nextTurn();
  const isReadWhileFull = flood.isRead;
  for (let piece = 0; piece < 2; piece++) await flood.connection.next();
  const isReadWhileLent = flood.isRead;
  await Promise.race([flood.connection.next(), nextTurn()]);

  expect([isReadWhileFull, isReadWhileLent, flood.isRead]).toEqual([false, false, true]);
});
