import { describe, expect, test } from "vitest";
import type { RegistryAnswer } from "../../src/registry/send.ts";
import { failureOf, refusalOf } from "../../src/registry/status.ts";
import { FakeAnswer, makeRequest } from "../support/exchange.ts";

const request = makeRequest({ url: new URL("https://h.test/v2/a/manifests/b?sig=hunter2") });

async function failure(status: number, body: string, type = "application/json"): Promise<Error> {
  return await failureOf(request, answerWith(new FakeAnswer(status, { "content-type": type }), [body]));
}

function answerWith(answer: FakeAnswer, pieces: Iterable<string>): RegistryAnswer {
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  return Object.defineProperty(answer, "body", { get: () => chunks() });
}

const start = "GET https://h.test/v2/a/manifests/b?sig=[secret] answered";

describe("what a registry says went wrong", () => {
  test.each([
    [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}', `${start} 404: MANIFEST_UNKNOWN: no`],
    [404, '{"errors":[{"code":"NAME_UNKNOWN"}]}', `${start} 404: NAME_UNKNOWN`],
    [400, '{"errors":[{"status":400,"message":"bad"},{"code":"x","message":"worse"}]}', `${start} 400: bad; x: worse`],
    [404, '{"errors":[]}', `${start} 404: Not Found`],
    [502, "<html><h1>Bad gateway</h1></html>", `${start} 502: Bad Gateway`],
    [500, "", `${start} 500: Internal Server Error`],
    [599, "{}", `${start} 599: no reason given`],
  ])("becomes one sentence: %d %s", async (status, body, sentence) => {
    expect((await failure(status, body)).message).toBe(sentence);
  });

  test("is shown when it is plain text", async () => {
    expect((await failure(503, "come back later\n", "text/plain; charset=utf-8")).message).toBe(
      `${start} 503: come back later`,
    );
  });

  test("is not shown when it is the error of an object store, which repeats what was signed", async () => {
    const body = "<Error><AWSAccessKeyId>hunter2</AWSAccessKeyId></Error>";

    expect((await failure(403, body, "application/xml")).message).toBe(`${start} 403: Forbidden`);
  });

  test("cannot colour a terminal, nor start a line of its own", async () => {
    const body = JSON.stringify({ errors: [{ code: "X", message: "\u001b[31mred\nlevel=error \u202eevil" }] });

    expect((await failure(400, body)).message).toBe(`${start} 400: X: \\x1b[31mred\\nlevel=error \\u202eevil`);
  });

  test("is cut when it is long", async () => {
    const body = JSON.stringify({ errors: [{ code: "X", message: "m".repeat(10_000) }] });

    expect(refusalOf(await failure(400, body))?.words).toHaveLength(512);
  });

  test("is read no further than 64 KiB", async () => {
    let read = 0;
    function* endless(): Generator<string, void> {
      for (;;) {
        read += 1;
        yield "x".repeat(16 * 1024);
      }
    }

    await failureOf(request, answerWith(new FakeAnswer(500), endless()));

    expect(read).toBe(4);
  });

  test("is not waited for after a 416", async () => {
    const answer = new FakeAnswer(416);
    Object.defineProperty(answer, "body", {
      get: () => {
        throw new Error("was read");
      },
    });

    expect((await failureOf(request, answer)).message).toBe(`${start} 416: Range Not Satisfiable`);
  });

  test("gives its codes in upper case, whatever their type", async () => {
    expect(refusalOf(await failure(400, '{"errors":[{"code":"name_invalid"}]}'))?.codes).toEqual(["NAME_INVALID"]);
    expect(refusalOf(await failure(400, '{"errors":[{"code":{"a":1}}]}'))?.codes).toEqual([]);
  });
});

describe("the kind of failure", () => {
  test.each([401, 403])("is denied for %d", async (status) => {
    expect(await failure(status, "")).toMatchObject({ code: "REGISTRY_DENIED", retryable: false });
  });

  test.each([408, 429, 500, 502, 503, 504])("may pass for %d", async (status) => {
    expect(await failure(status, "")).toMatchObject({ code: "REGISTRY_STATUS", retryable: true });
  });

  test.each([302, 400, 404, 405, 409, 413])("stays for %d", async (status) => {
    expect(await failure(status, "")).toMatchObject({ code: "REGISTRY_STATUS", retryable: false });
  });
});
