import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { configText } from "../support/config-text.ts";
import { FakeProxy } from "../support/fake-proxy.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { makeImage } from "../support/images.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

test("a registry with TLS is reached through the proxy that the environment names", async () => {
  const { authority, misnamed } = await makeCertificates();
  await using registry = await FakeRegistry.start({ tls: misnamed });
  registry.add("team/app", makeImage({ seed: 1, layerBytes: [2_000_000, 300] }), "v1");
  await using proxy = await FakeProxy.start(registry.url.port);
  proxy.wanted = `Basic ${Buffer.from("me:s3cret!").toString("base64")}`;
  await using folder = await makeTempFolder("proxy");
  const config = configText({
    creds: [{ registry: "elsewhere.test", tls: "enabled", regcert: authority }],
    sync: [{ source: "elsewhere.test/team/app:v1", target: `ocidir://${join(folder.path, "app")}`, type: "image" }],
  });

  const env = { HTTPS_PROXY: proxy.address.replace("http://", "http://me:s3cret!@") };
  const ran = await runProgram(["once"], { config, env });

  expect(ran.stderr).toContain("copied=1");
  expect(ran.exit).toBe(0);
  expect(new Set(proxy.requests.map(({ method, target }) => `${method} ${target}`))).toEqual(
    new Set(["CONNECT elsewhere.test:443"]),
  );
});
