import type { Dispatcher } from "undici";

/** Every value of a header by its lower-case name, one per line it came in. */
export function headerLinesOf(headers: Dispatcher.ResponseData["headers"], name: string): readonly string[] {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
