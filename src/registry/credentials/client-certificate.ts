import { join } from "node:path";
import { messageOf, systemCodeOf } from "../../base/failure.ts";
import { readdir, readFile } from "../../base/read-files.ts";
import { Secret } from "../../base/secret.ts";
import type { Log } from "../../observe/log.ts";

/** What a client shows of itself in TLS, both PEM. */
export interface ClientCertificate {
  readonly certPem: string;
  readonly keyPem: Secret;
}

/**
 * The client certificate in a host's folder of docker's `certs.d`: `NAME.cert` with its `NAME.key`, the first by name.
 *
 * `undefined` when there is none; what cannot be used is written to the log. Spec: registry-protocol.md §7.9 "TLS".
 */
export async function readClientCertificate(folder: string, log: Log): Promise<ClientCertificate | undefined> {
  try {
    const names = await readdir(folder);
    const certificates = names.filter((name) => name.endsWith(".cert")).toSorted();
    const cert = certificates.find((name) => names.includes(keyOf(name)));
    if (cert === undefined) {
      for (const name of certificates) warn(log, join(folder, name), "there is no key next to it");
      return undefined;
    }
    const certPem = await readFile(join(folder, cert), "utf8");
    const keyPem = new Secret(await readFile(join(folder, keyOf(cert)), "utf8"));
    return { certPem, keyPem };
  } catch (thrown) {
    if (systemCodeOf(thrown) !== "ENOENT") warn(log, folder, messageOf(thrown));
    return undefined;
  }
}

function keyOf(cert: string): string {
  return cert.replace(/\.cert$/, ".key");
}

function warn(log: Log, file: string, reason: string): void {
  log.warn("Client certificate cannot be used", { file, err: reason });
}
