import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readClientCertificate } from "../../../src/registry/credentials/client-certificate.ts";
import { usualTimeLimits } from "../../../src/registry/transport/time-limits.ts";
import { Transport } from "../../../src/registry/transport/transport.ts";
import { Trust } from "../../../src/registry/transport/trust.ts";
import { makeCertificates } from "../../support/certificates.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeRegistry } from "../../support/fake-registry.ts";
import { hostSettings } from "../../support/host-settings.ts";
import { RecordingLog } from "../../support/silent-log.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

test("is the first certificate with a key, by name", async () => {
  await using folder = await makeTempFolder("certs");
  for (const name of ["a.cert", "c.cert", "c.key", "b.cert", "b.key", "ca.crt"]) {
    await writeFile(join(folder.path, name), name);
  }
  const log = new RecordingLog();

  const found = await readClientCertificate(folder.path, log);

  expect([found?.certPem, found?.keyPem.reveal()]).toEqual(["b.cert", "b.key"]);
  expect(log.lines).toEqual([]);
});

test("is none where there is no folder, and none without a key", async () => {
  await using folder = await makeTempFolder("certs");
  await writeFile(join(folder.path, "a.cert"), "");
  const log = new RecordingLog();

  expect(await readClientCertificate("/nowhere", log)).toBeUndefined();
  expect(log.lines).toEqual([]);
  expect(await readClientCertificate(folder.path, log)).toBeUndefined();
  expect(log.lines).toMatchObject([{ level: "warn", fields: { file: join(folder.path, "a.cert") } }]);
});

test("lets us in where docker's folder for the host has it", async () => {
  const { server, client, authority } = await makeCertificates();
  await using registry = await FakeRegistry.start({ tls: { ...server, clientAuthority: authority } });
  await using folder = await makeTempFolder("certs");
  await mkdir(join(folder.path, registry.name));
  const files = { "ca.crt": authority, "client.cert": client.cert, "client.key": client.key };
  for (const [name, pem] of Object.entries(files)) await writeFile(join(folder.path, registry.name, name), pem);
  const log = new RecordingLog();
  await using transport = new Transport({
    clock: new FakeClock(),
    log,
    trust: new Trust({ file: "", folder: "", hostFolders: folder.path }, log),
    proxyFor: () => undefined,
    isLocalAddress: () => false,
    userAgent: "regsync-test",
    laneFromBytes: Number.POSITIVE_INFINITY,
    limits: usualTimeLimits,
  });

  await using answer = await transport.send(
    {
      method: "GET",
      url: new URL("/v2/", registry.url),
      headers: {},
      body: { kind: "none" },
      host: hostSettings(registry.name, { tls: "enabled" }),
      repository: undefined,
      access: "pull",
      mountFrom: undefined,
      lease: undefined,
      large: false,
      expectedBytes: 0,
      effort: "once",
    },
    AbortSignal.timeout(10_000),
  );

  expect(answer.status).toBe(200);
});
