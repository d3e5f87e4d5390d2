import type { Bytes } from "./bytes.ts";

/** The white space of Unicode beyond ASCII, as the bytes of UTF-8. */
const wideSpace = /^(?:\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)$/;
const wideSizes = [2, 3];

/** A text without the white space at both ends, as Go's `strings.TrimSpace` does it. */
export function trimSpace(bytes: Bytes): Bytes {
  let start = 0;
  for (let size = spaceAt(bytes, start); size > 0; size = spaceAt(bytes, start)) start += size;
  let end = bytes.length;
  for (let size = spaceBefore(bytes, end); end > start && size > 0; size = spaceBefore(bytes, end)) end -= size;
  return bytes.slice(start, end);
}

/** How many bytes of white space begin at a place. */
function spaceAt(bytes: Bytes, at: number): number {
  const code = bytes.charCodeAt(at);
  if (code < 0x80) return isAsciiSpace(code) ? 1 : 0;
  return wideSizes.find((size) => wideSpace.test(bytes.slice(at, at + size))) ?? 0;
}

/** How many bytes of white space end at a place. */
function spaceBefore(bytes: Bytes, end: number): number {
  const code = bytes.charCodeAt(end - 1);
  if (code < 0x80) return isAsciiSpace(code) ? 1 : 0;
  return wideSizes.find((size) => wideSpace.test(bytes.slice(Math.max(0, end - size), end))) ?? 0;
}

function isAsciiSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
