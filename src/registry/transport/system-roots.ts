import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { certificatesIn } from "./certificates-in.ts";

/** Where OpenSSL has the certificates that a system trusts. An empty text stands for none. */
export interface SystemPlaces {
  readonly file: string;
  readonly folder: string;
}

/** As Node is built for Linux. Distributions that have them elsewhere have links here. */
export const usualPlaces: SystemPlaces = { file: "/etc/ssl/cert.pem", folder: "/etc/ssl/certs" };

/** What OpenSSL looks certificates up by in a folder; mostly a link to a file that has a name beside it. */
const hashName = /^[0-9a-f]{8}\.\d+$/;

/**
 * The certificates of authorities that the system trusts, PEM, perhaps some of them twice, and perhaps some that cannot
 * be used.
 *
 * The same as Node's `getCACertificates("system")`, which on Linux reads each several times, takes it apart and puts it
 * together again: on a usual machine that takes fifty milliseconds of every start, and this five.
 */
export function systemRoots(system: string, places: SystemPlaces): readonly string[] {
  if (places.file === "" && places.folder === "") return [];
  const found = system === "linux" ? rootsIn(places) : [];
  return found.length > 0 ? found : getCACertificates("system"); // also of a Node that was built to look elsewhere
}

function rootsIn({ file, folder }: SystemPlaces): readonly string[] {
  const paths = [...(file === "" ? [] : [file]), ...(folder === "" ? [] : filesIn(folder))];
  return paths.flatMap((path) => certificatesIn(orNothing(() => readFileSync(path, "latin1"), "")));
}

function filesIn(folder: string): readonly string[] {
  return orNothing(() => readdirSync(folder), [])
    .map((name) => ({ name, path: join(folder, name) }))
    .filter(({ name, path }) => !hashName.test(name) || !isLinkToNeighbour(path))
    .map(({ path }) => path);
}

/** Whether what is there is read under another name anyway. */
function isLinkToNeighbour(path: string): boolean {
  const target = orNothing(() => readlinkSync(path), "/");
  return !target.includes("/") && !hashName.test(target);
}

/** What is not there, or is no file, has nothing to say of whom to trust. */
function orNothing<T>(read: () => T, nothing: T): T {
  try {
    return read();
  } catch {
    return nothing;
  }
}
