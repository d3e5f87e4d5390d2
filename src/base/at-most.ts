/**
 * Bounds an `LRUCache` to so many values. It then takes memory as they come: with `max` it sets aside room for all of
 * them when it is made, which is milliseconds and megabytes for a pass that needs none.
 */
export function atMost(count: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: count, sizeCalculation: () => 1 };
}
