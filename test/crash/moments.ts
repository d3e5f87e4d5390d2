import { makeBytes } from "../support/images.ts";

/**
 * Moments for so many kills in a row, the same for the same seed: the first from 1 to `last`, the later ones earlier,
 * since less is left to do.
 */
export function chooseMoments(seed: number, count: number, last: number): number[] {
  const words = new Uint32Array(makeBytes(seed, count * 4).slice().buffer);
  return Array.from(words, (word, position) => 1 + (word % Math.max(1, Math.ceil(last / (position + 1)))));
}
