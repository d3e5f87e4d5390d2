import { describe, expect, test } from "vitest";
import { withRedirects } from "../../../src/registry/layers/with-redirects.ts";
import type { RegistryRequest, Send } from "../../../src/registry/send.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { unhurried } from "../../support/registry-client.ts";

/** Sends a request where addresses answer with these redirects, and everything else with 200. */
async function follow(redirects: Readonly<Record<string, FakeAnswer>>, changes: Partial<RegistryRequest> = {}) {
  const sent: RegistryRequest[] = [];
  const wire: Send = (request) => {
    sent.push(request);
    return Promise.resolve(redirects[request.url.href] ?? new FakeAnswer(200, {}, request.url));
  };
  const answer = await withRedirects(wire)(makeRequest(changes), unhurried());
  return { answer, sent, urls: sent.map(({ url }) => url.href) };
}

function to(location: string, status = 307): FakeAnswer {
  return new FakeAnswer(status, { location });
}

const start = "https://hub.test/v2/";

describe("following where a host sends us", () => {
  test.each([301, 302, 303, 307, 308])("works for a GET after %d", async (status) => {
    const redirect = to("https://cdn.test/blob", status);

    const { answer, urls } = await follow({ [start]: redirect });

    expect(urls).toEqual([start, "https://cdn.test/blob"]);
    expect(answer.url.href).toBe("https://cdn.test/blob");
    expect(redirect.disposed).toBe(true);
  });

  test("resolves an address against the one that gave it", async () => {
    const { urls } = await follow({
      [start]: to("https://cdn.test/a/b?x=1"),
      "https://cdn.test/a/b?x=1": to("../c#d"),
    });

    expect(urls).toEqual([start, "https://cdn.test/a/b?x=1", "https://cdn.test/c"]);
  });

  test("keeps an address as it is written", async () => {
    const signed = "https://cdn.test/x?sig=a%20b~(1)%2F&e=";

    expect((await follow({ [start]: to(signed) })).urls[1]).toBe(signed);
  });

  test("repeats an upload elsewhere when the host asks for exactly that", async () => {
    const bytes = new Uint8Array([1]);
    const body = { kind: "bytes", bytes, mediaType: "application/octet-stream" } as const;

    const { sent } = await follow({ [start]: to("https://cdn.test/up", 307) }, { method: "PUT", body });

    expect(sent[1]).toMatchObject({ method: "PUT", body });
  });

  test.each([301, 302, 303])("takes a %d after an upload for an answer", async (status) => {
    const { answer, urls } = await follow({ [start]: to("https://cdn.test/up", status) }, { method: "PUT" });

    expect(answer.status).toBe(status);
    expect(urls).toEqual([start]);
  });

  test("takes a redirect without an address for an answer", async () => {
    expect((await follow({ [start]: new FakeAnswer(307) })).answer.status).toBe(307);
  });
});

describe("what goes along", () => {
  const headers = { authorization: "Bearer secret", cookie: "a=b", "x-own": "1", accept: "x/y", range: "bytes=0-1" };

  test("is everything within the origin", async () => {
    const { sent } = await follow({ [start]: to("/elsewhere") }, { headers });

    expect(sent[1]?.headers).toEqual(headers);
  });

  test.each([
    ["another host", "https://cdn.test/x"],
    ["a host below it", "https://blobs.hub.test/x"],
    ["another port", "https://hub.test:8443/x"],
  ])("is nothing that lets anybody in, at %s", async (_, location) => {
    const { sent } = await follow({ [start]: to(location) }, { headers });

    expect(sent[1]?.headers).toEqual({ accept: "x/y", range: "bytes=0-1" });
  });

  test("does not come back on the way back", async () => {
    const { sent } = await follow(
      { [start]: to("https://cdn.test/x"), "https://cdn.test/x": to("https://hub.test/back") },
      { headers },
    );

    expect(sent[2]?.url.href).toBe("https://hub.test/back");
    expect(sent[2]?.headers).not.toHaveProperty("authorization");
  });
});

describe("what is not followed", () => {
  test.each([
    ["leaves TLS", "http://cdn.test/x", "it is not encrypted"],
    ["leaves TLS on the same host", "http://hub.test/x", "it is not encrypted"],
    ["brings a login of its own", "https://u:p@cdn.test/x", "it holds a user or a password"],
    ["is no HTTP", "file:///etc/passwd", "it is not HTTP"],
    ["cannot be read", "https://[", "it cannot be read"],
  ])("is an address that %s", async (_, location, reason) => {
    const redirect = to(location);

    await expect(follow({ [start]: redirect })).rejects.toMatchObject({
      code: "REDIRECT_REFUSED",
      message: expect.stringContaining(reason),
    });
    expect(redirect.disposed).toBe(true);
  });

  test("is the eleventh redirect", async () => {
    await expect(follow({ [start]: to("/v2/") })).rejects.toThrow(
      `${start} points to ${start}, which is not followed: it is one too many`,
    );
  });

  test("is said without what is secret in the address", async () => {
    await expect(follow({ [start]: to("http://u:hunter2@cdn.test/x?sig=abc123&n=1") })).rejects.toThrow(
      "https://hub.test/v2/ points to http://[secret]@cdn.test/x?sig=[secret]&n=1, which is not followed",
    );
  });
});
