/** What comes is not an answer that can be read without guessing. */
export class AnswerUnreadable extends Error {
  constructor(what: string) {
    super(`the answer cannot be read: ${what}`);
  }
}

/** How the body of an answer ends. */
type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** With the connection. */
  | { readonly kind: "close" };

/** The first lines of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** By lower-case name; several of one name in the order they came. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly framing: Framing;
  /** Whether the connection is good for another request once the body has ended. */
  readonly keepsAlive: boolean;
}

/** Bytes of a head. */
const headLimitBytes = 64 * 1024;

/** The end of a head in these bytes: where the body begins, `undefined` when it has not come. */
export function endOfHead(bytes: Buffer): number | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1 ? bytes.byteLength > headLimitBytes : end > headLimitBytes) {
    throw new AnswerUnreadable("its headers are too long");
  }
  // What is no HTTP need not be waited for.
  if (!"HTTP/1.".startsWith(bytes.toString("latin1", 0, Math.min(7, bytes.byteLength))))
    throw new AnswerUnreadable("it is not HTTP/1");
  // Its end would never come.
  if (end === -1 && bytes.includes("\n\n")) throw new AnswerUnreadable("its lines end in another way");
  return end === -1 ? undefined : end + 4;
}

/**
 * Reads a head that ends with an empty line. Nothing is mended: whatever two programs might read in two ways is
 * refused, since what follows on the connection would then be taken for something else.
 *
 * Throws `AnswerUnreadable`. Spec: RFC 9112, sections 2.2, 4, 5 and 6.
 */
export function parseHead(bytes: Buffer): AnswerHead {
  const text = bytes.toString("latin1", 0, bytes.byteLength - 2);
  const first = text.slice(0, text.indexOf("\r\n"));
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first) ?? [];
  if (digits === undefined) throw new AnswerUnreadable("its first line is none of HTTP/1");
  const status = Number(digits);
  if (status === 101) throw new AnswerUnreadable("it changes the protocol");
  const headers = parseHeaders(bytes, text, first.length + 2);
  const keepsAlive = minor === "1" && !listOf(headers, "connection").includes("close");
  return { status, headers, framing: framingOf(status, headers, minor === "1"), keepsAlive };
}

const nameShape = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valueShape = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The headers that begin at `start`, each with its line's end. `text` is what the bytes say: values are taken from the
 * bytes, since a part of a text keeps the whole of it in memory, and digests are kept for long.
 */
function parseHeaders(bytes: Buffer, text: string, start: number): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>; // no names of its own
  for (let end, at = start; at < text.length; at = end + 2) {
    end = text.indexOf("\r\n", at);
    const colon = text.indexOf(":", at);
    const name = text.slice(at, Math.max(at, colon));
    if (!nameShape.test(name) || !valueShape.test(text.slice(colon + 1, end))) {
      throw new AnswerUnreadable("one of its headers is none");
    }
    const key = name.toLowerCase();
    const earlier = headers[key];
    const value = bytes.toString("latin1", colon + 1, end).trim();
    if (earlier === undefined) headers[key] = value;
    else headers[key] = [...(typeof earlier === "string" ? [earlier] : earlier), value];
  }
  return headers;
}

function framingOf(status: number, headers: AnswerHead["headers"], isOne: boolean): Framing {
  const encodings = listOf(headers, "transfer-encoding");
  const length = headers["content-length"];
  if (encodings.length > 0) {
    if (length !== undefined) throw new AnswerUnreadable("it gives its length in two ways");
    if (!isOne || encodings.length > 1 || encodings[0] !== "chunked") {
      throw new AnswerUnreadable("it is transferred in an unknown encoding");
    }
  }
  if (length !== undefined && (typeof length !== "string" || !/^\d{1,15}$/.test(length))) {
    throw new AnswerUnreadable("its length is no number");
  }
  if (status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (encodings.length > 0) return { kind: "chunked" };
  return length === undefined ? { kind: "close" } : { kind: "length", bytes: Number(length) };
}

const nothing: readonly string[] = [];

function listOf(headers: AnswerHead["headers"], name: string): readonly string[] {
  const lines = headers[name];
  if (lines === undefined) return nothing;
  return [lines]
    .flat()
    .flatMap((line) => line.split(","))
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
}
