import { describe, expect, test } from "vitest";
import { AnswerUnreadable, endOfHead, parseHead } from "../../../../src/registry/transport/lane/answer-head.ts";

function head(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

describe("the head of an answer", () => {
  test("says status, headers and length", () => {
    const parsed = parseHead(head("HTTP/1.1 200 OK", "Content-Length: 12", "X-A:\t one ", "x-a: two", "ETag:"));

    expect(parsed).toMatchObject({ status: 200, framing: { kind: "length", bytes: 12 }, keepsAlive: true });
    expect({ ...parsed.headers }).toEqual({ "content-length": "12", "x-a": ["one", "two"], etag: "" });
  });

  test.each([
    ["chunks", ["HTTP/1.1 200 OK", "Transfer-Encoding: Chunked"], "chunked"],
    ["the end of the connection", ["HTTP/1.1 200"], "close"],
    ["nothing after 204", ["HTTP/1.1 204 No Content", "content-length: 5"], "none"],
    ["nothing after 100", ["HTTP/1.1 100 Continue"], "none"],
  ])("is followed by %s", (_, lines, kind) => {
    expect(parseHead(head(...lines)).framing.kind).toBe(kind);
  });

  test.each([
    [["HTTP/1.0 200 OK", "content-length: 1"]],
    [["HTTP/1.1 200 OK", "content-length: 1", "connection: Upgrade, Close"]],
  ])("lets the connection end: %j", (lines) => {
    expect(parseHead(head(...lines)).keepsAlive).toBe(false);
  });

  test.each([
    ["no status", ["HTTP/1.1 fine"]],
    ["a status of two digits", ["HTTP/1.1 20 OK"]],
    ["a status of no kind", ["HTTP/1.1 600 Odd"]],
    ["another version", ["HTTP/2.0 200 OK"]],
    ["another protocol from here on", ["HTTP/1.1 101 Switching Protocols", "upgrade: h2c"]],
    ["a length that is negative", ["HTTP/1.1 200 OK", "content-length: -1"]],
    ["a length with a sign", ["HTTP/1.1 200 OK", "content-length: +1"]],
    ["a length in hex", ["HTTP/1.1 200 OK", "content-length: 0x10"]],
    ["a length of none", ["HTTP/1.1 200 OK", "content-length:"]],
    ["two lengths", ["HTTP/1.1 200 OK", "content-length: 1", "content-length: 2"]],
    ["the same length twice", ["HTTP/1.1 200 OK", "content-length: 1", "content-length: 1"]],
    ["a list of lengths", ["HTTP/1.1 200 OK", "content-length: 1, 1"]],
    ["a length and chunks", ["HTTP/1.1 200 OK", "content-length: 1", "transfer-encoding: chunked"]],
    ["chunks that are compressed", ["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked"]],
    ["chunks in chunks", ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "transfer-encoding: chunked"]],
    ["chunks before there were any", ["HTTP/1.0 200 OK", "transfer-encoding: chunked"]],
    ["a space before the colon", ["HTTP/1.1 200 OK", "content-length : 1"]],
    ["a folded line", ["HTTP/1.1 200 OK", "x: a", " b"]],
    ["a name with a control character", ["HTTP/1.1 200 OK", "x\u0000: a"]],
    ["a value with a line feed", ["HTTP/1.1 200 OK", "x: a\ncontent-length: 1"]],
    ["a line without a name", ["HTTP/1.1 200 OK", ": a"]],
  ])("is refused with %s", (_, lines) => {
    expect(() => parseHead(head(...lines))).toThrow(AnswerUnreadable);
  });
});

describe("the end of a head", () => {
  test("is where the body begins", () => {
    expect(endOfHead(Buffer.from("HTTP/1.1 200\r\n\r\nbody"))).toBe(16);
  });

  test("has not come yet", () => {
    expect(endOfHead(Buffer.from("HTT"))).toBeUndefined();
    expect(endOfHead(Buffer.from("HTTP/1.1 200\r\nx: y\r\n"))).toBeUndefined();
  });

  test.each([
    ["what is no HTTP", "SSH-2.0"],
    ["what has an empty line first", "\r\nHTTP/1.1 200\r\n\r\n"],
    ["lines that end in another way", "HTTP/1.1 200\ncontent-length: 3\n\nabc"],
    ["headers without an end", `HTTP/1.1 200\r\nx: ${"y".repeat(70_000)}`],
    ["headers that end too late", `HTTP/1.1 200\r\nx: ${"y".repeat(70_000)}\r\n\r\n`],
  ])("is not looked for in %s", (_, text) => {
    expect(() => endOfHead(Buffer.from(text))).toThrow(AnswerUnreadable);
  });
});
