import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { configText } from "../support/config-text.ts";
import { makeFixture } from "../support/fixture-repository.ts";
import { parseLog } from "../support/log-lines.ts";
import { pushRepository, readTags } from "../support/plain-client.ts";
import { runProgram } from "../support/program.ts";
import { account, type DistributionSetup, startDistribution3, startDockerRegistry } from "../support/real-registry.ts";
import { testOn } from "../support/shared.ts";
import { skopeoDigest } from "../support/skopeo.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { startTokenServer, type TokenServer } from "../support/token-server.ts";
import { haveTools } from "../support/tools.ts";

const fixture = makeFixture();
const allTags = Object.fromEntries(fixture.repository.tags);

/** A folder that holds the fixture as a registry keeps it, certificates, and who gives out tokens. */
interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly tokens: TokenServer;
  readonly secureTokens: TokenServer;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const temp = started.use(await makeTempFolder("logins"));
  const certificates = await makeCertificates();
  const known = { signer: certificates.server, ...account, publicPrefix: "public/" };
  const tokens = started.use(await startTokenServer(known));
  const secureTokens = started.use(await startTokenServer({ ...known, tls: certificates.server }));
  const folder = join(temp.path, "storage");
  await using open = await startDockerRegistry({ folder });
  await pushRepository(open.host, "team/app", fixture.repository);
  await pushRepository(open.host, "public/app", fixture.repository);
  const kept = started.move();
  return { folder, certificates, tokens, secureTokens, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});

/** The ways a registry may want to be spoken to. */
const forms: readonly { readonly form: string; readonly setup: (stage: Stage) => DistributionSetup }[] = [
  { form: "plain HTTP", setup: () => ({}) },
  { form: "a password", setup: () => ({ auth: { kind: "htpasswd" } }) },
  { form: "tokens", setup: (stage) => ({ auth: tokensOf(stage) }) },
  { form: "TLS", setup: ({ certificates }) => ({ tls: serverTls(certificates) }) },
  {
    form: "TLS and a password",
    setup: ({ certificates }) => ({ tls: serverTls(certificates), auth: { kind: "htpasswd" } }),
  },
  {
    form: "TLS and tokens",
    setup: (stage) => ({ tls: serverTls(stage.certificates), auth: tokensOf(stage, stage.secureTokens) }),
  },
  {
    form: "TLS on both sides",
    setup: ({ certificates }) => ({ tls: { ...serverTls(certificates), client: certificates.client } }),
  },
];

function tokensOf({ certificates, tokens }: Stage, server = tokens): NonNullable<DistributionSetup["auth"]> {
  return { kind: "token", server, trustedPem: certificates.authority };
}

function serverTls({ server, authority }: Certificates): NonNullable<DistributionSetup["tls"]> {
  return { pair: server, authority };
}

describe.skipIf(!haveTools("dockerRegistry", "openssl", "skopeo"))("between two real registries", () => {
  test.for(forms)(
    "a repository is mirrored over $form, and skopeo finds the same digests",
    async ({ setup }, { stage }) => {
      await using source = await startDockerRegistry({ ...setup(stage), folder: stage.folder });
      await using copied = await makeTempFolder("target");
      await using target = await startDockerRegistry({ ...setup(stage), folder: copied.path });
      const entry = { source: `${source.host}/team/app`, target: `${target.host}/mirror/app`, type: "repository" };

      const result = await runProgram(["once"], {
        config: configText({ creds: [source.access, target.access], sync: [entry] }),
      });

      expect(result.exit, result.stderr).toBe(0);
      await using open = await startDockerRegistry({ folder: copied.path });
      expect(await readTags(open.host, "mirror/app")).toEqual(allTags);
      const place = { address: `docker://${target.host}/mirror/app:v2`, access: target.access };
      expect(await skopeoDigest(place)).toBe(fixture.v2.digest);
    },
  );

  test("what is public is pulled from a registry with tokens by somebody without a login", async ({ stage }) => {
    await using source = await startDockerRegistry({ auth: tokensOf(stage), folder: stage.folder });
    await using target = await startDockerRegistry();
    const stranger = { registry: source.host, tls: "disabled" } as const;
    const entry = { source: `${source.host}/public/app:v1`, target: `${target.host}/app:v1`, type: "image" };

    const result = await runProgram(["once"], {
      config: configText({ creds: [stranger, target.access], sync: [entry] }),
    });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(target.host, "app")).toEqual({ v1: fixture.v1.digest });
  });

  test("a login of docker's own configuration is used", async ({ stage }) => {
    await using source = await startDockerRegistry({ auth: { kind: "htpasswd" }, folder: stage.folder });
    await using target = await startDockerRegistry();
    const auth = Buffer.from(`${account.user}:${account.password}`).toString("base64");
    const entry = { source: `${source.host}/team/app:v1`, target: `${target.host}/app:v1`, type: "image" };
    const creds = [{ registry: source.host, tls: "disabled" } as const, target.access];

    const result = await runProgram(["once"], {
      config: configText({ creds, sync: [entry] }),
      env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [source.host]: { auth } } }) },
    });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(target.host, "app")).toEqual({ v1: fixture.v1.digest });
  });

  test.for(forms.filter(({ form }) => form === "a password" || form === "tokens"))(
    "a wrong password over $form is said once for the host, not once for every tag",
    async ({ setup }, { stage }) => {
      await using source = await startDockerRegistry({ ...setup(stage), folder: stage.folder });
      await using target = await startDockerRegistry();
      const wrong = { ...source.access, pass: "of yesterday" };
      const images = ["v1", "v2", "v3"].map((tag) => ({
        source: `${source.host}/team/app:${tag}`,
        target: `${target.host}/app:${tag}`,
        type: "image",
      }));

      const result = await runProgram(["once", "--logopt", "json"], {
        config: configText({ creds: [wrong, target.access], sync: images }),
      });

      expect(result.exit).toBe(1);
      const errors = parseLog(result.stderr).filter((line) => line.level === "ERROR");
      const about = (tag: string) => errors.filter((line) => JSON.stringify(line).includes(`app:${tag}`));
      expect(about("v1")).toContainEqual(expect.objectContaining({ code: "LOGIN_FAILED" }));
      expect([...about("v2"), ...about("v3")]).toEqual([]);
      expect(result.stderr).not.toContain("of yesterday");
      expect(await readTags(target.host, "app")).toEqual({});
    },
  );

  test("a certificate of an authority nobody named is refused, and nothing is sent", async ({ stage }) => {
    await using source = await startDockerRegistry({ tls: serverTls(stage.certificates), folder: stage.folder });
    await using target = await startDockerRegistry();
    const { regcert: _untold, ...access } = source.access;
    const entry = { source: `${source.host}/team/app:v1`, target: `${target.host}/app:v1`, type: "image" };

    const result = await runProgram(["once", "--logopt", "json"], {
      config: configText({ creds: [access, target.access], sync: [entry] }),
    });

    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/certificate/);
    expect(result.stderr).toContain(source.host);
  });

  test("an expired certificate is refused, and the sentence says so", async ({ stage }) => {
    const { expired, authority } = stage.certificates;
    await using source = await startDockerRegistry({ tls: { pair: expired, authority }, folder: stage.folder });
    await using target = await startDockerRegistry();
    const entry = { source: `${source.host}/team/app:v1`, target: `${target.host}/app:v1`, type: "image" };

    const result = await runProgram(["once", "--logopt", "json"], {
      config: configText({ creds: [source.access, target.access], sync: [entry] }),
    });

    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/certificate.*expired/);
    expect(result.stderr).toContain(source.host);
  });

  test("a certificate for another name is refused", async ({ stage }) => {
    const { misnamed, authority } = stage.certificates;
    await using source = await startDockerRegistry({ tls: { pair: misnamed, authority }, folder: stage.folder });
    const entry = { source: `${source.host}/team/app:v1`, target: "ocidir://app:v1", type: "image" };

    const result = await runProgram(["once", "--logopt", "json"], {
      config: configText({ creds: [source.access], sync: [entry] }),
    });

    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/certificate/);
    expect(result.stderr).toContain(source.host);
  });

  test("a registry that wants a client certificate refuses who has none", async ({ stage }) => {
    const { server, authority, client } = stage.certificates;
    await using source = await startDockerRegistry({ tls: { pair: server, authority, client }, folder: stage.folder });
    const { clientCert: _cert, clientKey: _key, ...access } = source.access;
    const entry = { source: `${source.host}/team/app:v1`, target: "ocidir://app:v1", type: "image" };

    const result = await runProgram(["once", "--logopt", "json"], {
      config: configText({ creds: [access], sync: [entry] }),
    });

    expect(result.exit).toBe(1);
    expect(result.stderr).toContain(source.host);
  });
});

describe.skipIf(!haveTools("distribution3", "openssl"))("with distribution 3", () => {
  test("a repository is mirrored over TLS and a password", async ({ stage }) => {
    const setup = { tls: serverTls(stage.certificates), auth: { kind: "htpasswd" } } as const;
    await using source = await startDistribution3({ ...setup, folder: stage.folder });
    await using copied = await makeTempFolder("target");
    await using target = await startDistribution3({ ...setup, folder: copied.path });
    const entry = { source: `${source.host}/team/app`, target: `${target.host}/mirror/app`, type: "repository" };

    const result = await runProgram(["once"], {
      config: configText({ creds: [source.access, target.access], sync: [entry] }),
    });

    expect(result.exit, result.stderr).toBe(0);
    await using open = await startDistribution3({ folder: copied.path });
    expect(await readTags(open.host, "mirror/app")).toEqual(allTags);
  });
});
