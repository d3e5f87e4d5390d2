import { request as httpsRequest } from "node:https";
import { beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { moveBlobsToStorage } from "./fake-registry/blob-storage.ts";
import { basicGuard } from "./fake-registry/guard.ts";
import {
  acceptOnly,
  breakUploadAfter,
  cutShort,
  gzipped,
  heldUntil,
  htmlPage,
  refusal,
  withHeaders,
  withoutHeaders,
} from "./fake-registry/replies.ts";
import type { Answer } from "./fake-registry/reply.ts";
import { TokenServer } from "./fake-registry/token-server.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { makeImage, makeIndex, makeSbom, makeSignature, sbomType } from "./images.ts";

/** The address of a path on a registry, from its root. */
function at(registry: FakeRegistry, path: string): URL {
  return new URL(path, registry.url);
}

const octets = { "content-type": "application/octet-stream" };

describe("a fake registry without a script", () => {
  test("serves what was added, by tag and by digest", async () => {
    await using registry = await FakeRegistry.start();
    const image = makeImage({ seed: 1 });
    registry.add("a/b", makeIndex([image]), "v1");

    const byTag = await fetch(at(registry, "/v2/a/b/manifests/v1"));
    const byDigest = await fetch(at(registry, `/v2/a/b/manifests/${image.digest}`), { method: "HEAD" });

    expect(byTag.headers.get("content-type")).toBe(mediaTypes.ociIndex);
    expect(byTag.headers.get("docker-content-digest")).toBe(digestOf(await byTag.bytes()));
    expect(byDigest.headers.get("content-length")).toBe(String(image.bytes.byteLength));
  });

  test("refuses a manifest whose blobs it does not have", async () => {
    await using registry = await FakeRegistry.start();
    const image = makeImage({ seed: 1 });

    const put = { method: "PUT", body: Buffer.from(image.bytes), headers: { "content-type": image.mediaType } };
    const answer = await fetch(at(registry, "/v2/a/manifests/v1"), put);

    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("MANIFEST_BLOB_UNKNOWN");
  });

  test("takes a blob in one piece and in chunks, and nothing that does not match its digest", async () => {
    await using registry = await FakeRegistry.start();
    const content = Buffer.from("hello world");
    const begin = async (): Promise<string> => {
      const answer = await fetch(at(registry, "/v2/a/blobs/uploads/"), { method: "POST" });
      return new URL(answer.headers.get("location") ?? "", registry.url).href;
    };

    const whole = `${await begin()}&digest=${digestOf(content)}`;
    expect((await fetch(whole, { method: "PUT", body: content, headers: octets })).status).toBe(201);

    const chunked = await begin();
    const chunk = { method: "PATCH", body: "hello ", headers: { ...octets, "content-range": "0-5" } };
    expect((await fetch(chunked, chunk)).headers.get("range")).toBe("0-5");
    expect((await fetch(chunked, chunk)).status).toBe(416);
    expect((await fetch(chunked)).headers.get("range")).toBe("0-5");
    const rest = { method: "PUT", body: "world", headers: { ...octets, "content-range": "6-10" } };
    expect((await fetch(`${chunked}&digest=${digestOf(content)}`, rest)).status).toBe(201);

    const wrong = `${await begin()}&digest=${digestOf(Buffer.from("other"))}`;
    expect((await fetch(wrong, { method: "PUT", body: content, headers: octets })).status).toBe(400);
    expect(registry.uploads.open).toBe(0);
  });

  test("knows an upload only under the address it gave, byte for byte", async () => {
    await using registry = await FakeRegistry.start();
    const begun = await fetch(at(registry, "/v2/a/blobs/uploads/"), { method: "POST" });
    const location = begun.headers.get("location") ?? "";

    const kept = await fetch(at(registry, location));
    const recoded = await fetch(at(registry, location.replace("%20", "+")));

    expect(kept.status).toBe(204);
    expect(recoded.status).toBe(404);
  });

  test("mounts a blob from the repository that has it", async () => {
    await using registry = await FakeRegistry.start();
    const digest = registry.repository("a").addBlob(Buffer.from("x"));

    const mounted = await fetch(at(registry, `/v2/b/blobs/uploads/?mount=${digest}&from=a`), { method: "POST" });
    const absent = await fetch(at(registry, `/v2/b/blobs/uploads/?mount=${digest}&from=c`), { method: "POST" });

    expect(mounted.status).toBe(201);
    expect(absent.status).toBe(202);
  });

  test("lists tags in pages that lead to each other", async () => {
    await using registry = await FakeRegistry.start({ pageSize: 2 });
    registry.add("a", makeImage({ seed: 1 }), "v1", "v2", "v3");

    const first = await fetch(at(registry, "/v2/a/tags/list"));
    const second = await fetch(at(registry, "/v2/a/tags/list?last=v2&n=2"));

    expect(await first.json()).toEqual({ name: "a", tags: ["v1", "v2"] });
    expect(first.headers.get("link")).toBe('</v2/a/tags/list?last=v2&n=2>; rel="next"');
    expect(await second.json()).toEqual({ name: "a", tags: ["v3"] });
    expect(second.headers.get("link")).toBeNull();
  });

  test("lists what refers to an image, filtered when asked", async () => {
    await using registry = await FakeRegistry.start();
    const image = makeImage({ seed: 1 });
    for (const content of [image, makeSignature(image), makeSbom(image)]) registry.add("a", content);

    const all = await fetch(at(registry, `/v2/a/referrers/${image.digest}`));
    const sboms = await fetch(
      at(registry, `/v2/a/referrers/${image.digest}?artifactType=${encodeURIComponent(sbomType)}`),
    );

    expect(await all.json()).toMatchObject({ manifests: [{}, { artifactType: sbomType }] });
    expect(await sboms.json()).toMatchObject({ manifests: [{ artifactType: sbomType }] });
    expect(sboms.headers.get("oci-filters-applied")).toBe("artifactType");
  });
});

describe("a fake registry with a script", () => {
  test("plays the answers for a number of requests first, in order, then the lasting ones", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("GET /v2/*", htmlPage(502, "Bad Gateway"));
    registry.once("GET /v2/a/tags/list", refusal(429, "TOOMANYREQUESTS", "slow down", { "retry-after": "7" }));
    registry.once("GET /v2/a/*", { status: 503 });

    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await fetch(at(registry, "/v2/a/tags/list"))).status);

    expect(statuses).toEqual([429, 503, 502]);
    expect(registry.host.unplayed).toBe(0);
    expect(registry.requests("GET *").map(({ status }) => status)).toEqual(statuses);
  });

  test("breaks off bodies, with their length announced and without", async () => {
    await using registry = await FakeRegistry.start();
    const digest = registry.repository("a").addBlob(Buffer.from("0123456789"));
    registry.once("GET *", cutShort(4));
    registry.once("GET *", cutShort(4, "chunked"));
    registry.once("GET *", cutShort(4, "until-close"));
    const address = at(registry, `/v2/a/blobs/${digest}`);

    await expect(fetch(address).then((answer) => answer.text())).rejects.toThrow("terminated");
    expect(await (await fetch(address)).text()).toBe("0123");
    expect(await (await fetch(address)).text()).toBe("0123");
  });

  test("resets a connection without an answer", async () => {
    await using registry = await FakeRegistry.start();
    registry.once("GET *", "reset");

    await expect(fetch(registry.url)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  });

  test("changes its usual answers", async () => {
    await using registry = await FakeRegistry.start();
    const digest = registry.repository("a").addBlob(Buffer.from("hello"));
    registry.once("GET *", gzipped);
    registry.once("GET *", withHeaders({ warning: ['299 - "old"', '299 - "older"'] }));
    registry.once("GET *", withoutHeaders("docker-content-digest"));
    const address = at(registry, `/v2/a/blobs/${digest}`);

    const compressed = await fetch(address);
    expect(compressed.headers.get("content-encoding")).toBe("gzip");
    expect(await compressed.text()).toBe("hello");
    expect((await fetch(address)).headers.get("warning")).toBe('299 - "old", 299 - "older"');
    expect((await fetch(address)).headers.get("docker-content-digest")).toBeNull();
  });

  test("holds an answer back until the test lets it go", async () => {
    await using registry = await FakeRegistry.start();
    const gate = Promise.withResolvers<void>();
    registry.once("GET /v2/", heldUntil(gate.promise));

    const waiting = fetch(at(registry, "/v2/"));
    await fetch(at(registry, "/v2/"));
    const before = registry.requests().map(({ status }) => status);
    gate.resolve();
    await waiting;

    expect(before).toEqual([undefined, 200]);
  });

  test("takes in a part of an upload, and tells how much that was", async () => {
    await using registry = await FakeRegistry.start();
    const begun = await fetch(at(registry, "/v2/a/blobs/uploads/"), { method: "POST" });
    const session = at(registry, begun.headers.get("location") ?? "");
    registry.once("PATCH *", acceptOnly(3));
    registry.once("PATCH *", breakUploadAfter(2));
    const chunk = { method: "PATCH", body: "abcdef", headers: octets };

    const accepted = await fetch(session, chunk);
    await expect(fetch(session, chunk)).rejects.toThrow("fetch failed");

    expect(accepted.headers.get("range")).toBe("0-2");
    expect((await fetch(session)).headers.get("range")).toBe("0-4");
  });

  test("leaves the rest of a body where it is when it falls silent", async () => {
    await using registry = await FakeRegistry.start();
    const taken = Promise.withResolvers<void>();
    registry.once("PUT *", async (exchange): Promise<Answer> => {
      await exchange.readBody(1);
      taken.resolve();
      return "silence";
    });
    const controller = new AbortController();

    const body = Buffer.alloc(50_000_000);
    const put = fetch(registry.url, { method: "PUT", body, headers: octets, signal: controller.signal });
    await taken.promise;
    controller.abort();

    await expect(put).rejects.toThrow("aborted");
    expect(registry.requests()[0]?.bodyBytes).toBeLessThan(body.byteLength);
  });

  test("tells when one of its handlers is wrong", async () => {
    const registry = await FakeRegistry.start();
    registry.once("GET *", () => {
      throw new Error("a mistake in the test");
    });

    await fetch(registry.url).catch(() => undefined);

    await expect(registry[Symbol.asyncDispose]()).rejects.toThrow("a handler");
  });
});

describe("logins of a fake registry", () => {
  test("asks for a password", async () => {
    await using registry = await FakeRegistry.start({ guard: basicGuard({ me: "secret" }) });
    const login = (password: string) => ({
      headers: { authorization: `Basic ${Buffer.from(`me:${password}`).toString("base64")}` },
    });

    const anonymous = await fetch(at(registry, "/v2/"));

    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("www-authenticate")).toBe('Basic realm="fake"');
    expect((await fetch(at(registry, "/v2/"), login("wrong"))).status).toBe(401);
    expect((await fetch(at(registry, "/v2/"), login("secret"))).status).toBe(200);
  });

  test("accepts tokens of its server for what they allow, until they expire", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await FakeRegistry.start({ guard: tokens.guard() });
    registry.add("a", makeImage({ seed: 1 }), "v1");
    const issued = await fetch(`${tokens.realm}?service=fake&scope=repository:a:pull`);
    const { token } = (await issued.json()) as { token: string };
    const login = { headers: { authorization: `Bearer ${token}` } };
    const challenge = async (method: string): Promise<string | null> =>
      (await fetch(at(registry, "/v2/a/manifests/v1"), { method, ...login })).headers.get("www-authenticate");

    expect(await challenge("GET")).toBeNull();
    expect(await challenge("PUT")).toContain('scope="repository:a:pull,push",error="insufficient_scope"');
    tokens.expireTokens();
    expect(await challenge("GET")).toContain('error="invalid_token"');
  });

  test("keeps blobs on a storage host that refuses authorisation headers", async () => {
    await using registry = await FakeRegistry.start();
    await using storage = await moveBlobsToStorage(registry);
    const digest = registry.repository("a").addBlob(Buffer.from("hello"));
    const address = at(registry, `/v2/a/blobs/${digest}`);

    const redirected = await fetch(address, { redirect: "manual", headers: { range: "bytes=1-2" } });
    const location = redirected.headers.get("location") ?? "";

    expect(redirected.status).toBe(307);
    expect(await (await fetch(address)).text()).toBe("hello");
    expect((await fetch(location, { headers: { authorization: "Bearer x" } })).status).toBe(400);
    expect(storage.count()).toBe(2);
  });
});

describe("TLS of a fake registry", () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  /** The status of a GET, or the code of the error that came instead. */
  function ask(registry: FakeRegistry, options: { ca: string; cert?: string; key?: string }): Promise<unknown> {
    return new Promise((resolve) => {
      const request = httpsRequest(at(registry, "/v2/"), { ...options, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      request.end();
    });
  }

  test("is trusted by its authority alone", async () => {
    await using registry = await FakeRegistry.start({ tls: certificates.server });

    expect(await ask(registry, { ca: certificates.authority })).toBe(200);
    expect(await ask(registry, { ca: certificates.stranger })).not.toBe(200);
  });

  test("shows certificates that have expired or are for another host", async () => {
    await using expired = await FakeRegistry.start({ tls: certificates.expired });
    await using misnamed = await FakeRegistry.start({ tls: certificates.misnamed });

    expect(await ask(expired, { ca: certificates.authority })).toBe("CERT_HAS_EXPIRED");
    expect(await ask(misnamed, { ca: certificates.authority })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("asks clients for a certificate", async () => {
    const tls = { ...certificates.server, clientAuthority: certificates.authority };
    await using registry = await FakeRegistry.start({ tls });

    expect(await ask(registry, { ca: certificates.authority, ...certificates.client })).toBe(200);
    expect(await ask(registry, { ca: certificates.authority })).not.toBe(200);
  });
});
