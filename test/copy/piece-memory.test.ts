import { expect, test } from "vitest";
import { PieceMemory } from "../../src/copy/piece-memory.ts";

const kibibyte = 1024;

function pieceOf(number: number, bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(number);
}

test("keeps copies of pieces of any size, apart from each other", () => {
  const memory = new PieceMemory();
  const sizes = [1, 100_000, 300_000, 7, 256 * kibibyte, 200_000, 1];

  const kept = sizes.map((bytes, number) => memory.keep(pieceOf(number, bytes)));

  expect(kept).toEqual(sizes.map((bytes, number) => Buffer.from(pieceOf(number, bytes))));
});

test("takes no more than the piece for a piece that stays alone", () => {
  const kept = new PieceMemory().keep(pieceOf(1, 1_000));

  expect(kept.buffer.byteLength).toBe(1_000);
});

test("uses memory again once all pieces in it were let go, and not before", () => {
  const memory = new PieceMemory();
  memory.keep(pieceOf(0, 1));
  const first = memory.keep(pieceOf(1, 100 * kibibyte));
  const second = memory.keep(pieceOf(2, 100 * kibibyte));

  memory.letGo();
  memory.letGo();
  const third = memory.keep(pieceOf(3, 100 * kibibyte));
  memory.letGo();
  const fourth = memory.keep(pieceOf(4, 200 * kibibyte));

  expect(second.buffer).toBe(first.buffer);
  expect(third.buffer).not.toBe(first.buffer);
  expect(fourth.buffer).toBe(first.buffer);
});

test("does not use memory again that it was told to leave alone", () => {
  const memory = new PieceMemory();
  memory.keep(pieceOf(0, 1));
  const first = memory.keep(pieceOf(1, 200 * kibibyte));

  memory.leaveAlone();
  memory.letGo();
  memory.letGo();
  const second = memory.keep(pieceOf(2, 200 * kibibyte));

  expect(second.buffer).not.toBe(first.buffer);
  expect(first).toEqual(Buffer.from(pieceOf(1, 200 * kibibyte)));
});
