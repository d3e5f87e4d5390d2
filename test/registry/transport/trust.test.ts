import { beforeAll, expect, test } from "vitest";
import { Secret } from "../../../src/base/secret.ts";
import { Trust } from "../../../src/registry/transport/trust.ts";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { hostSettings } from "../../support/host-settings.ts";
import { RecordingLog } from "../../support/silent-log.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

test("hosts that trust the same and show nothing of themselves share what that takes", async () => {
  const trust = new Trust({ file: "", folder: "", hostFolders: "" }, new RecordingLog());
  const caPem = certificates.authority;

  const [first, second, plain] = await Promise.all([
    trust.contextOf(hostSettings("a.test", { tls: "enabled", caPem }), true),
    trust.contextOf(hostSettings("b.test", { tls: "enabled", caPem }), true),
    trust.contextOf(hostSettings("c.test", { tls: "enabled" }), true),
  ]);

  expect(second).toBe(first);
  expect(plain).not.toBe(first);
  expect(plain).toBe(await trust.plainContext());
});

test("hosts that trust others, or show a certificate, share nothing", async () => {
  const trust = new Trust({ file: "", folder: "", hostFolders: "" }, new RecordingLog());
  const { authority, stranger, client } = certificates;
  const shown = { clientCertPem: client.cert, clientKeyPem: new Secret(client.key) };

  const contexts = await Promise.all([
    trust.contextOf(hostSettings("a.test", { tls: "enabled", caPem: authority }), true),
    trust.contextOf(hostSettings("b.test", { tls: "enabled", caPem: stranger }), true),
    trust.contextOf(hostSettings("c.test", { tls: "enabled", caPem: authority, ...shown }), true),
    trust.contextOf(hostSettings("d.test", { tls: "enabled", caPem: authority, ...shown }), true),
  ]);

  expect(new Set(contexts).size).toBe(contexts.length);
});
