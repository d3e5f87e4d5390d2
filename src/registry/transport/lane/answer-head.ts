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
  return end === -1 ? undefined : end + 4;
}

/**
 * Reads a head that ends with an empty line. Nothing is mended: whatever two programs might read in two ways is
 * refused, since what follows on the connection would then be taken for something else.
 *
 * Throws `AnswerUnreadable`. Spec: RFC 9112, sections 2.2, 4, 5 and 6.
 */
export function parseHead(bytes: Buffer): AnswerHead {
  const [first = "", ...lines] = bytes.toString("latin1", 0, bytes.byteLength - 4).split("\r\n");
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first) ?? [];
  if (digits === undefined) throw new AnswerUnreadable("its first line is none of HTTP/1");
  const status = Number(digits);
  if (status === 101) throw new AnswerUnreadable("it changes the protocol");
  const headers = parseHeaders(lines);
  const connection = listOf(headers, "connection");
  const keepsAlive = minor === "1" && !connection.includes("close");
  return { status, headers, framing: framingOf(status, headers, minor === "1"), keepsAlive };
}

function parseHeaders(lines: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>; // no names of its own
  for (const line of lines) {
    const [, name, value = ""] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined) throw new AnswerUnreadable("one of its headers is none");
    const key = name.toLowerCase();
    const earlier = headers[key];
    const trimmed = value.trimEnd();
    if (earlier === undefined) headers[key] = trimmed;
    else headers[key] = [...(typeof earlier === "string" ? [earlier] : earlier), trimmed];
  }
  return headers;
}

function framingOf(status: number, headers: AnswerHead["headers"], isOne: boolean): Framing {
  const encodings = listOf(headers, "transfer-encoding");
  const lengths = [headers["content-length"] ?? []].flat();
  if (encodings.length > 0) {
    if (lengths.length > 0) throw new AnswerUnreadable("it gives its length in two ways");
    if (!isOne || encodings.length > 1 || encodings[0] !== "chunked") {
      throw new AnswerUnreadable("it is transferred in an unknown encoding");
    }
  }
  const [length, ...others] = lengths;
  if (length !== undefined && (others.length > 0 || !/^\d{1,15}$/.test(length))) {
    throw new AnswerUnreadable("its length is no number");
  }
  if (status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (encodings.length > 0) return { kind: "chunked" };
  return length === undefined ? { kind: "close" } : { kind: "length", bytes: Number(length) };
}

function listOf(headers: AnswerHead["headers"], name: string): readonly string[] {
  return [headers[name] ?? []]
    .flat()
    .flatMap((line) => line.split(","))
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
}
