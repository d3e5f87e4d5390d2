import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeTempFolder } from "./temp-folder.ts";
import { toolPath } from "./tools.ts";

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Everything TLS tests need, for servers on `127.0.0.1`, `::1` and `localhost`. */
export interface Certificates {
  /** PEM of the authority that signed all the others. */
  readonly authority: string;
  /** PEM of an authority that signed none of them. */
  readonly stranger: string;
  readonly server: KeyPair;
  /** Was good for one day, long ago. */
  readonly expired: KeyPair;
  /** Good, but for `elsewhere.test`. */
  readonly misnamed: KeyPair;
  /** For clients. */
  readonly client: KeyPair;
}

const run = promisify(execFile);

/** Makes new certificates with the `openssl` program. */
export async function makeCertificates(): Promise<Certificates> {
  await using folder = await makeTempFolder("certificates");
  const authority = await makeAuthority(folder.path, "authority");
  const stranger = await makeAuthority(folder.path, "stranger");
  await writeFile(join(folder.path, "ca.conf"), authorityConfiguration);
  await writeFile(join(folder.path, "index.txt"), "");
  const loopback = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost";
  return {
    authority: authority.cert,
    stranger: stranger.cert,
    server: await makeSigned(folder.path, "server", loopback, validNow()),
    expired: await makeSigned(folder.path, "expired", loopback, ["20200101000000Z", "20200102000000Z"]),
    misnamed: await makeSigned(folder.path, "misnamed", "subjectAltName=DNS:elsewhere.test", validNow()),
    client: await makeSigned(folder.path, "client", "extendedKeyUsage=clientAuth", validNow()),
  };
}

async function makeAuthority(folder: string, name: string): Promise<KeyPair> {
  const use = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await openssl(folder, [
    "req",
    "-x509",
    ...newKey(name),
    "-out",
    `${name}.crt`,
    "-subj",
    `/CN=${name}`,
    "-days",
    "2",
    ...use,
  ]);
  return await readPair(folder, name);
}

async function makeSigned(
  folder: string,
  name: string,
  extension: string,
  [start, end]: readonly [string, string],
): Promise<KeyPair> {
  await writeFile(join(folder, `${name}.ext`), `${extension}\n`);
  await openssl(folder, ["req", ...newKey(name), "-out", `${name}.csr`, "-subj", `/CN=${name}`]);
  const life = ["-startdate", start, "-enddate", end];
  const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.ext`];
  await openssl(folder, ["ca", "-batch", "-notext", "-config", "ca.conf", ...files, ...life]);
  return await readPair(folder, name);
}

function newKey(name: string): readonly string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`];
}

/** From an hour ago until tomorrow, as `openssl ca` writes moments. */
function validNow(): readonly [string, string] {
  const hourMs = 3_600_000;
  const at = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return [at(Date.now() - hourMs), at(Date.now() + 24 * hourMs)];
}

/** `openssl ca` alone can choose both ends of a certificate's life, and it wants a file that says how. */
const authorityConfiguration = `
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
certificate = authority.crt
private_key = authority.key
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
`;

async function readPair(folder: string, name: string): Promise<KeyPair> {
  return {
    cert: await readFile(join(folder, `${name}.crt`), "utf8"),
    key: await readFile(join(folder, `${name}.key`), "utf8"),
  };
}

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  await run(toolPath("openssl"), args, { cwd: folder });
}
