import { AnswerUnreadable } from "./answer-head.ts";

/** The longest line between two chunks, in bytes. */
const lineLimitBytes = 4 * 1024;

/**
 * The content of a body that is sent in chunks. Trailers are passed over. Ends when the last chunk came; a body that
 * ends before is the sender's to notice.
 *
 * Throws `AnswerUnreadable`. Spec: RFC 9112, section 7.1.
 */
export async function* unchunked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let missing = 0;
  let line = "";
  let awaits: "size" | "content" | "break" | "trailer" = "size";
  for await (const piece of body) {
    for (let at = 0; at < piece.byteLength; ) {
      if (awaits === "content") {
        const part = piece.subarray(at, at + missing);
        at += part.byteLength;
        missing -= part.byteLength;
        if (missing === 0) awaits = "break";
        yield part;
        continue;
      }
      line += String.fromCharCode(piece[at] ?? 0);
      at += 1;
      if (line.length > lineLimitBytes) throw new AnswerUnreadable("a line between its chunks is too long");
      if (!line.endsWith("\r\n")) continue;
      const text = line.slice(0, -2);
      line = "";
      if (awaits === "break") {
        if (text !== "") throw new AnswerUnreadable("a chunk is longer than it said");
        awaits = "size";
      } else if (awaits === "trailer") {
        if (text === "") return;
      } else {
        const [, size] = /^([0-9a-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(text) ?? [];
        if (size === undefined) throw new AnswerUnreadable("a chunk does not say how long it is");
        missing = Number.parseInt(size, 16);
        awaits = missing === 0 ? "trailer" : "content";
      }
    }
  }
  throw Object.assign(new Error("other side closed"), { code: "ECONNRESET" });
}
