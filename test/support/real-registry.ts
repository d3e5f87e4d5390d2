import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startDaemon, waitForAnswer } from "./daemon.ts";
import type { KeyPair } from "./certificates.ts";
import { makeTempFolder } from "./temp-folder.ts";
import type { TokenServer } from "./token-server.ts";
import { type ToolName, toolPath } from "./tools.ts";

/** What an item of `creds` says so that the program can talk to a registry. Keys as in the file. */
export interface RegistryAccess {
  readonly registry: string;
  readonly tls: "enabled" | "disabled";
  readonly user?: string;
  readonly pass?: string;
  readonly regcert?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
}

/** A registry of somebody else, running on loopback. Disposing ends it and removes what it stored. */
export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly access: RegistryAccess;
  /** Where it keeps its files. */
  readonly folder: string;
}

/** Whom a registry with passwords knows. */
export const account = { user: "mirror", password: "correct horse" } as const;

/** bcrypt of the account's password, as `htpasswd -B` writes it. */
const passwordFile = `${account.user}:$2y$05$cEzRmJF.kJ/1V6BjYjz1xuLkeIuPBnyT0UiELpyaW2hin1KXSr5qq\n`;

/** How Debian's registry is set up. Spec: registry-protocol.md §9.2. */
export interface DistributionSetup {
  /** Refuses every write. */
  readonly readOnly?: boolean;
  /** Storage to serve instead of an empty one; it is not removed at the end. */
  readonly folder?: string;
  /** Keeps everything in memory: for many small tests, which would wait for the disk. */
  readonly inMemory?: boolean;
  readonly auth?: Auth;
  readonly tls?: ServerTls;
}

/** Who may do what. */
type Auth =
  /** Only `account`. */
  | { readonly kind: "htpasswd" }
  /** Whoever has a token of this server; `trustedPem` is what signed its certificate. */
  | { readonly kind: "token"; readonly server: TokenServer; readonly trustedPem: string };

/** How a registry speaks TLS. */
interface ServerTls {
  readonly pair: KeyPair;
  /** PEM of the authority that clients trust, and that signs theirs. */
  readonly authority: string;
  /** What a client must show; absent when anybody is let in. */
  readonly client?: KeyPair;
}

/** Debian's registry: no referrers API, every form of login. */
export function startDockerRegistry(setup: DistributionSetup = {}): Promise<RealRegistry> {
  return startDistribution("dockerRegistry", setup);
}

/** The third version of the same program. */
export function startDistribution3(setup: DistributionSetup = {}): Promise<RealRegistry> {
  return startDistribution("distribution3", setup);
}

async function startDistribution(tool: ToolName, setup: DistributionSetup): Promise<RealRegistry> {
  const temp = await makeTempFolder("registry");
  const folder = setup.folder ?? join(temp.path, "storage");
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(temp.path, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  await mkdir(folder, { recursive: true });
  const configuration = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: {
      ...(setup.inMemory === true ? { inmemory: {} } : { filesystem: { rootdirectory: folder } }),
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: setup.readOnly === true } },
    },
    http: {
      // The system chooses the port, and the log names it: no two tests can want the same one.
      addr: "127.0.0.1:0",
      secret: "shared by nobody",
      ...(setup.tls === undefined ? {} : { tls: await tlsSection(setup.tls, file) }),
    },
    ...(setup.auth === undefined ? {} : { auth: await authSection(setup.auth, file) }),
  };
  try {
    const daemon = await startDaemon(
      toolPath(tool),
      ["serve", await file("config.yml", JSON.stringify(configuration))], // JSON is YAML
      /listening on (127\.0\.0\.1:\d+)/,
      { OTEL_TRACES_EXPORTER: "none" },
    );
    const host = daemon.captured;
    return {
      host,
      access: accessTo(host, setup),
      folder,
      [Symbol.asyncDispose]: async () => {
        await daemon[Symbol.asyncDispose]();
        await temp[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await temp[Symbol.asyncDispose]();
    throw thrown;
  }
}

type WriteFile = (name: string, text: string) => Promise<string>;

async function tlsSection({ pair, authority, client }: ServerTls, file: WriteFile): Promise<object> {
  return {
    certificate: await file("server.crt", pair.cert),
    key: await file("server.key", pair.key),
    ...(client === undefined ? {} : { clientcas: [await file("authority.crt", authority)] }),
  };
}

async function authSection(auth: Auth, file: WriteFile): Promise<object> {
  if (auth.kind === "htpasswd") {
    return { htpasswd: { realm: "registry.test", path: await file("htpasswd", passwordFile) } };
  }
  const { realm, service, issuer } = auth.server;
  return { token: { realm, service, issuer, rootcertbundle: await file("tokens.crt", auth.trustedPem) } };
}

function accessTo(host: string, { auth, tls }: DistributionSetup): RegistryAccess {
  return {
    registry: host,
    tls: tls === undefined ? "disabled" : "enabled",
    ...(auth === undefined ? {} : { user: account.user, pass: account.password }),
    ...(tls === undefined ? {} : { regcert: tls.authority }),
    ...(tls?.client === undefined ? {} : { clientCert: tls.client.cert, clientKey: tls.client.key }),
  };
}

/** olareg: has the referrers API. Its port is chosen here, since it does not say which one it got. */
export async function startOlareg(): Promise<RealRegistry> {
  return await startOnFreePort("olareg", (folder, port) =>
    Promise.resolve(["serve", "--dir", folder, "--addr", "127.0.0.1", "--port", String(port), "--gc-frequency=-1s"]),
  );
}

/** zot: has the referrers API. */
export async function startZot(): Promise<RealRegistry> {
  return await startOnFreePort("zot", async (folder, port) => {
    const path = join(folder, "..", "zot.json");
    await writeFile(
      path,
      JSON.stringify({
        distSpecVersion: "1.1.1",
        storage: { rootDirectory: folder, dedupe: false, gc: false },
        http: { address: "127.0.0.1", port: String(port), compat: ["docker2s2"] },
        log: { level: "error" },
      }),
    );
    return ["serve", path];
  });
}

async function startOnFreePort(
  tool: ToolName,
  argumentsFor: (folder: string, port: number) => Promise<readonly string[]>,
): Promise<RealRegistry> {
  const temp = await makeTempFolder("registry");
  const folder = join(temp.path, "storage");
  try {
    await mkdir(folder);
    const port = await freePort();
    const daemon = await startDaemon(toolPath(tool), await argumentsFor(folder, port), undefined);
    await waitForAnswer(`http://127.0.0.1:${port}/v2/`);
    return {
      host: `127.0.0.1:${port}`,
      access: { registry: `127.0.0.1:${port}`, tls: "disabled" },
      folder,
      [Symbol.asyncDispose]: async () => {
        await daemon[Symbol.asyncDispose]();
        await temp[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await temp[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Uploads that a registry of the `distribution` family holds unfinished, by the files it keeps of each. */
export async function openUploads(registry: RealRegistry): Promise<readonly string[]> {
  const names = await readdir(registry.folder, { recursive: true });
  return names.filter((name) => /_uploads\/[^/]+\/startedat$/.test(name));
}
