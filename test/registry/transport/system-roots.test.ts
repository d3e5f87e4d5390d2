import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { bareCertificate } from "../../../src/registry/transport/certificates-in.ts";
import { systemRoots, usualPlaces } from "../../../src/registry/transport/system-roots.ts";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

/** Where Node looks, which the environment decides. */
const places = {
  file: process.env["SSL_CERT_FILE"] || usualPlaces.file,
  folder: process.env["SSL_CERT_DIR"] || usualPlaces.folder,
};
let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

function bare(pems: readonly string[]): readonly string[] {
  return pems.map(bareCertificate).sort();
}

test.runIf(process.platform === "linux")("the system trusts whom Node says that it trusts", () => {
  const ours = bare(systemRoots("linux", places));

  expect([...new Set(ours)]).toEqual([...new Set(bare(getCACertificates("system")))]);
});

test("a system that is not Linux is asked by way of Node", () => {
  expect(systemRoots("darwin", usualPlaces)).toEqual(getCACertificates("system"));
});

test("nothing is asked for when the environment names a file and a folder", () => {
  expect(systemRoots("linux", { file: "", folder: "" })).toEqual([]);
});

describe("certificates of the system", () => {
  test("come from the file and from every file of the folder", async () => {
    await using folder = await makeTempFolder("roots");
    const [file, certs] = [join(folder.path, "cert.pem"), join(folder.path, "certs")];
    await mkdir(join(certs, "java"), { recursive: true });
    await writeFile(file, certificates.authority);
    await writeFile(join(certs, "own"), `words\n${certificates.stranger}\n${certificates.authority}`);
    await writeFile(join(certs, "README"), "nothing");

    const { authority, stranger } = certificates;
    expect(bare(systemRoots("linux", { file, folder: certs }))).toEqual(bare([authority, stranger, authority]));
  });

  test("are read once when a link that is called after a hash stands beside them", async () => {
    await using folder = await makeTempFolder("roots");
    await writeFile(join(folder.path, "own.pem"), certificates.authority);
    await symlink("own.pem", join(folder.path, "0123abcd.0"));

    expect(bare(systemRoots("linux", { file: "", folder: folder.path }))).toEqual(bare([certificates.authority]));
  });

  test("are found where nothing but a hash names them, in the folder or elsewhere", async () => {
    await using folder = await makeTempFolder("roots");
    const [elsewhere, certs] = [join(folder.path, "own.crt"), join(folder.path, "certs")];
    await mkdir(certs);
    await writeFile(elsewhere, certificates.authority);
    await symlink(elsewhere, join(certs, "0123abcd.0"));
    await writeFile(join(certs, "4567cdef.1"), certificates.stranger);
    await symlink("4567cdef.1", join(certs, "89abcdef.0"));

    const found = new Set(bare(systemRoots("linux", { file: "", folder: certs })));
    expect([...found]).toEqual(bare([certificates.authority, certificates.stranger]));
  });

  test("that are nowhere are asked of Node, which may have been built to look elsewhere", async () => {
    await using folder = await makeTempFolder("roots");

    const found = systemRoots("linux", { file: join(folder.path, "none"), folder: join(folder.path, "neither") });

    expect(found).toEqual(getCACertificates("system"));
  });
});
