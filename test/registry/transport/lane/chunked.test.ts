import { describe, expect, test } from "vitest";
import { unchunked } from "../../../../src/registry/transport/lane/chunked.ts";

async function read(pieces: readonly string[]): Promise<string> {
  async function* body(): AsyncGenerator<Uint8Array, void> {
    for (const piece of pieces) yield Buffer.from(piece, "latin1");
  }
  let text = "";
  for await (const part of unchunked(body())) text += Buffer.from(part).toString("latin1");
  return text;
}

describe("a body in chunks", () => {
  const sound = '5\r\nhello\r\nA;name="value"\r\n, registry\r\n0\r\nx-trailer: y\r\n\r\n';

  test("is put together", async () => {
    expect(await read([sound])).toBe("hello, registry");
  });

  test("is put together however it is cut", async () => {
    expect(await read(sound.split(""))).toBe("hello, registry");
  });

  test.each([
    ["no size", "\r\nhello\r\n0\r\n\r\n"],
    ["a size that is none", "x\r\nhello\r\n0\r\n\r\n"],
    ["a negative size", "-5\r\nhello\r\n0\r\n\r\n"],
    ["a size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a size beyond all numbers", "fffffffffffff\r\nhello"],
    ["more than it said", "5\r\nhello!\r\n0\r\n\r\n"],
    ["line feeds alone", "5\nhello\n0\n\n"],
    ["a line without an end", `5;${"x".repeat(5_000)}`],
    ["no last chunk", "5\r\nhello\r\n"],
    ["half a chunk", "5\r\nhel"],
    ["no end after the last chunk", "5\r\nhello\r\n0\r\n"],
  ])("is refused with %s", async (_, text) => {
    await expect(read([text])).rejects.toThrow(/cannot be read|other side closed/);
  });
});
