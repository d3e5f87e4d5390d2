import { join } from "node:path";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { Failure, messageOf, systemCodeOf } from "../../base/failure.ts";
import { readdir, readFile } from "../../base/read-files.ts";
import type { Log } from "../../observe/log.ts";
import { type ClientCertificate, readClientCertificate } from "../credentials/client-certificate.ts";
import type { HostSettings } from "../settings.ts";
import { bareCertificate, certificatesIn, faultOf } from "./certificates-in.ts";
import { systemRoots, usualPlaces } from "./system-roots.ts";

/** Where certificates of authorities lie that are trusted besides those of the system. */
export interface TrustPlaces {
  /** `SSL_CERT_FILE`, or `""`. */
  readonly file: string;
  /** `SSL_CERT_DIR`, several separated by colons, or `""`. */
  readonly folder: string;
  /** `/etc/docker/certs.d`, or `""` when docker's configuration is not to be read. */
  readonly hostFolders: string;
}

/** The client certificate or key of a host cannot be used. */
class TlsInvalid extends Failure {
  readonly code = "TLS_INVALID";

  constructor(host: string, cause: unknown) {
    super(`the client certificate for ${host} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

/** Whom TLS connections trust, and what they show of themselves. Files are read when they are first needed. */
export class Trust {
  readonly #places: TrustPlaces;
  readonly #log: Log;
  #common: Promise<readonly string[]> | undefined;
  readonly #contexts = new Map<string, Promise<SecureContext>>();
  /** Those without a client certificate, by what they trust besides the common roots: each takes a megabyte. */
  readonly #shared = new Map<string, Promise<SecureContext>>();

  constructor(places: TrustPlaces, log: Log) {
    this.#places = places;
    this.#log = log;
  }

  /** For connections that have nothing of a host's settings: to a proxy. */
  plainContext(): Promise<SecureContext> {
    return this.#contextWith([]);
  }

  /**
   * For connections on behalf of a host. `own` is a connection to the host itself, the only one that is shown the
   * client certificate. Throws `TLS_INVALID`.
   */
  contextOf(host: HostSettings, own: boolean): Promise<SecureContext> {
    const key = `${own} ${host.name}`;
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const made = this.#make(host, own);
    this.#contexts.set(key, made);
    return made;
  }

  async #make(host: HostSettings, own: boolean): Promise<SecureContext> {
    const extra = host.tls === "insecure" ? [] : await this.#rootsOf(host);
    const client = own ? await this.#clientOf(host) : undefined;
    if (client === undefined) return await this.#contextWith(extra);
    const ca = [...(await this.#commonRoots()), ...extra];
    try {
      const key = client.keyPem.reveal();
      return createSecureContext({ ca, cert: client.certPem, key, minVersion: "TLSv1.2" });
    } catch (thrown) {
      throw new TlsInvalid(host.name, thrown);
    }
  }

  #contextWith(extra: readonly string[]): Promise<SecureContext> {
    const key = extra.join("\n");
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = this.#commonRoots().then((ca) =>
      createSecureContext({ ca: [...ca, ...extra], minVersion: "TLSv1.2" }),
    );
    this.#shared.set(key, made);
    return made;
  }

  /** The settings' own certificate, or else the one in the host's folder. */
  async #clientOf({ hostname, clientCertPem, clientKeyPem }: HostSettings): Promise<ClientCertificate | undefined> {
    if (clientCertPem !== "" && clientKeyPem !== undefined) return { certPem: clientCertPem, keyPem: clientKeyPem };
    const { hostFolders } = this.#places;
    return hostFolders === "" ? undefined : await readClientCertificate(join(hostFolders, hostname), this.#log);
  }

  #commonRoots(): Promise<readonly string[]> {
    this.#common ??= this.#readCommonRoots();
    return this.#common;
  }

  async #readCommonRoots(): Promise<readonly string[]> {
    const { file, folder } = this.#places;
    const folders = folder.split(":").filter((part) => part !== "");
    const added = await Promise.all([
      ...(file === "" ? [] : [this.#certificatesIn(file)]),
      ...folders.map((path) => this.#certificatesBelow(path, /./)),
    ]);
    // The system's and Node's are mostly the same, in lines of another length: what is known need not be read.
    const roots = new Map([...rootCertificates, ...added.flat()].map((pem) => [bareCertificate(pem), pem]));
    // What the environment names stands in the place of what it has of its own.
    const places = { file: file === "" ? usualPlaces.file : "", folder: folder === "" ? usualPlaces.folder : "" };
    for (const pem of systemRoots(process.platform, places)) {
      const bare = bareCertificate(pem);
      if (!roots.has(bare) && faultOf(pem) === undefined) roots.set(bare, pem);
    }
    return [...roots.values()];
  }

  async #rootsOf(host: HostSettings): Promise<readonly string[]> {
    const { hostFolders } = this.#places;
    const inFolder =
      hostFolders === "" ? [] : await this.#certificatesBelow(join(hostFolders, host.hostname), /\.crt$/);
    return [...inFolder, ...this.#valid(host.caPem, host.name)];
  }

  async #certificatesBelow(folder: string, wanted: RegExp): Promise<readonly string[]> {
    try {
      const names = await readdir(folder);
      const files = names.filter((name) => wanted.test(name)).map((name) => this.#certificatesIn(join(folder, name)));
      return (await Promise.all(files)).flat();
    } catch (thrown) {
      if (systemCodeOf(thrown) !== "ENOENT") this.#ignore(folder, thrown);
      return [];
    }
  }

  async #certificatesIn(path: string): Promise<readonly string[]> {
    try {
      return this.#valid(await readFile(path, "utf8"), path);
    } catch (thrown) {
      if (systemCodeOf(thrown) !== "EISDIR") this.#ignore(path, thrown);
      return [];
    }
  }

  /** One certificate that cannot be read must not cost the others: a context refuses the whole list. */
  #valid(pem: string, where: string): readonly string[] {
    const blocks = certificatesIn(pem);
    if (pem.trim() !== "" && blocks.length === 0) this.#ignore(where, new Error("no certificate in it"));
    return blocks.filter((block) => {
      const fault = faultOf(block);
      if (fault !== undefined) this.#ignore(where, fault);
      return fault === undefined;
    });
  }

  #ignore(where: string, thrown: unknown): void {
    this.#log.warn("Certificate authority cannot be used", { file: where, err: messageOf(thrown) });
  }
}
