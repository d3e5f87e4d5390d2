import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { takeAll } from "../../../src/base/limiter.ts";
import { Secret } from "../../../src/base/secret.ts";
import type { HostSettings } from "../../../src/registry/settings.ts";
import { descriptorOf, drain } from "../../support/blobs.ts";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { FakeProxy } from "../../support/fake-proxy.ts";
import { FakeHost, type FakeHostOptions } from "../../support/fake-registry/host.ts";
import { redirect } from "../../support/fake-registry/replies.ts";
import { makeBytes } from "../../support/images.ts";
import { TestClient, type TestClientOptions, unhurried } from "../../support/registry-client.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

const digest = `sha256:${"0".repeat(64)}`;
let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

async function startHost(tls: NonNullable<FakeHostOptions["tls"]>): Promise<FakeHost> {
  const host = await FakeHost.start({ tls });
  host.on("HEAD *", {
    status: 200,
    headers: {
      "docker-content-digest": digest,
      "content-type": "application/vnd.oci.image.manifest.v1+json",
    },
  });
  return host;
}

async function ask(
  host: { readonly name: string },
  settings: Partial<HostSettings> = {},
  options: TestClientOptions = {},
): Promise<string | undefined> {
  await using client = new TestClient({ ...options, hosts: { [host.name]: { tls: "enabled", ...settings } } });
  return (await client.repository(host).headManifest("v1", unhurried()))?.digest;
}

describe("trust in a host's certificate", () => {
  test("comes from the user's own authority", async () => {
    await using host = await startHost(certificates.server);

    expect(await ask(host, { caPem: `some text\n${certificates.authority}` })).toBe(digest);
  });

  test("comes from the file or the folders that the environment names", async () => {
    await using host = await startHost(certificates.server);
    await using folder = await makeTempFolder("trust");
    const file = join(folder.path, "bundle.pem");
    await writeFile(file, `${certificates.stranger}\n${certificates.authority}`);
    const places = { file: "", folder: "", hostFolders: "" };

    expect(await ask(host, {}, { trust: { ...places, file } })).toBe(digest);
    expect(await ask(host, {}, { trust: { ...places, folder: `/nowhere:${folder.path}` } })).toBe(digest);
  });

  test("comes from the folder of certificates that is named after the host", async () => {
    await using host = await startHost(certificates.server);
    await using folder = await makeTempFolder("certs.d");
    await mkdir(join(folder.path, host.name));
    await writeFile(join(folder.path, host.name, "ca.crt"), certificates.authority);
    await writeFile(join(folder.path, host.name, "notes.txt"), "nothing");

    expect(await ask(host, {}, { trust: { file: "", folder: "", hostFolders: folder.path } })).toBe(digest);
  });

  test("is not asked for when the user does not want to verify", async () => {
    await using host = await startHost(certificates.expired);

    expect(await ask(host, { tls: "insecure" })).toBe(digest);
  });

  test("survives a certificate among others that cannot be read, with a warning", async () => {
    await using host = await startHost(certificates.server);
    const broken = "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n";
    await using client = new TestClient({
      hosts: { [host.name]: { tls: "enabled", caPem: broken + certificates.authority } },
    });

    expect((await client.repository(host).headManifest("v1", unhurried()))?.digest).toBe(digest);
    expect(client.log.at("warn")).toEqual(["Certificate authority cannot be used"]);
  });

  test.each([
    ["has expired", "expired", "its certificate has expired"],
    ["is for another name", "misnamed", "its certificate is for another name"],
  ] as const)("is refused when it %s", async (_, which, words) => {
    await using host = await startHost(certificates[which]);

    await expect(ask(host, { caPem: certificates.authority })).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      retryable: false,
      message: expect.stringContaining(words),
    });
  });

  test("is refused when nobody knows its authority, at the first attempt", async () => {
    await using host = await startHost(certificates.server);
    await using client = new TestClient({
      hosts: { [host.name]: { tls: "enabled", caPem: certificates.stranger } },
    });

    await expect(client.repository(host).headManifest("v1", unhurried())).rejects.toThrow(
      `no answer from ${host.name}: its certificate comes from an authority that is not trusted`,
    );
    expect(client.clock.slept).toEqual([]);
  });

  test("is refused by a host that speaks no TLS at all", async () => {
    await using host = await FakeHost.start();

    await expect(ask(host)).rejects.toThrow(/it does not speak TLS/);
  });
});

describe("a host that asks for a certificate", () => {
  const settings = (): Partial<HostSettings> => ({
    caPem: certificates.authority,
    clientCertPem: certificates.client.cert,
    clientKeyPem: new Secret(certificates.client.key),
  });

  const startStrict = (): Promise<FakeHost> =>
    startHost({ ...certificates.server, clientAuthority: certificates.authority });

  test("gets the user's", async () => {
    await using host = await startStrict();

    expect(await ask(host, settings())).toBe(digest);
  });

  test("refuses who has none", async () => {
    await using host = await startStrict();

    await expect(ask(host, { caPem: certificates.authority })).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  });

  test("does not get it when it is another host that we were sent to", async () => {
    await using storage = await startStrict();
    await using host = await startStrict();
    host.on("HEAD *", redirect(new URL("/v2/x", storage.url)));

    await expect(ask(host, settings())).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(storage.count()).toBe(0);
  });

  test("is not even asked when the user's certificate and key do not fit", async () => {
    await using host = await startStrict();

    await expect(ask(host, { ...settings(), clientKeyPem: new Secret(certificates.server.key) })).rejects.toMatchObject(
      { code: "TLS_INVALID", message: expect.stringContaining(host.name) },
    );
    expect(host.connections).toBe(0);
  });
});

describe("a proxy in front of TLS", () => {
  test("sees nothing but the name of the host", async () => {
    await using host = await startHost(certificates.server);
    await using proxy = await FakeProxy.start(host.url.port);
    proxy.wanted = `Basic ${Buffer.from("me:secret").toString("base64")}`;
    const name = `localhost.test:${host.url.port}`;
    const httpsProxy = proxy.address.replace("http://", "http://me:secret@");

    const asked = ask(
      { name },
      { caPem: certificates.authority, tls: "insecure" },
      {
        proxies: { httpProxy: "", httpsProxy, noProxy: "" },
        login: (send) => (request, signal) =>
          send({ ...request, headers: { ...request.headers, authorization: "Bearer token" } }, signal),
      },
    );

    expect(await asked).toBe(digest);
    expect(proxy.requests).toMatchObject([{ method: "CONNECT", target: name }]);
    expect(proxy.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(host.requests()[0]?.headers).toMatchObject({ authorization: "Bearer token" });
    expect(host.requests()[0]?.headers).not.toHaveProperty("proxy-authorization");
  });

  test("that wants a password says so", async () => {
    await using host = await startHost(certificates.server);
    await using proxy = await FakeProxy.start(host.url.port);
    proxy.wanted = "Basic other";

    await expect(
      ask({ name: "hub.test" }, {}, { proxies: { httpProxy: "", httpsProxy: proxy.address, noProxy: "" } }),
    ).rejects.toThrow(/through the proxy 127\.0\.0\.1:\d+: the proxy answered 407: it wants a user and a password/);
  });
});

test("foreign content comes from the address in its descriptor, without any login", async () => {
  const bytes = makeBytes(1, 10_000);
  await using storage = await FakeHost.start({ tls: certificates.server });
  storage.on("GET /layer", { status: 200, body: bytes });
  await using host = await FakeHost.start({ tls: certificates.server });
  await using client = new TestClient({
    hosts: { [host.name]: { tls: "enabled", caPem: certificates.authority } },
    login: (send) => (request, signal) =>
      send({ ...request, headers: { ...request.headers, authorization: "Bearer token" } }, signal),
  });
  const repository = client.repository(host);
  using lease = await takeAll(repository.readLimiters, unhurried());
  const urls = [`${storage.url.href}gone`, `${storage.url.href}layer`];

  const received = await drain(await repository.openBlob(descriptorOf(bytes, { urls }), lease, unhurried()));

  expect(Buffer.from(received).equals(bytes)).toBe(true);
  expect(storage.requests()[0]?.headers).not.toHaveProperty("authorization");
});
