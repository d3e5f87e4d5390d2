import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { getCACertificates, rootCertificates } from "node:tls";
import { promisify } from "node:util";
import type { Buildah } from "./buildah.ts";

const run = promisify(execFile);

/** Where the certificates of authorities are, as in Debian. */
export const authoritiesPath = "/etc/ssl/certs/ca-certificates.crt";

/** What the build stage runs, besides Node and npm. */
const buildPrograms = ["sh", "env", "mkdir", "cp", "sed", "ln"];

/**
 * Makes what the Dockerfile begins with out of this machine's own files, since no registry has to be reachable here:
 * `localhost/build`, with Node, npm and a shell, and `localhost/base`, with libraries and certificates alone.
 */
export async function makeBaseImages(buildah: Buildah, folder: string): Promise<void> {
  const npm = await npmFolder();
  const build = await layOut(join(folder, "build"));
  for (const program of buildPrograms) await addProgram(build, program);
  await addProgram(build, process.execPath);
  await cp(npm, join(build, "opt/npm"), { recursive: true });
  await symlink("/opt/npm/bin/npm-cli.js", join(build, "usr/bin/npm"));
  const base = await layOut(join(folder, "base"));
  await addLibraries(base, process.execPath);

  const dockerfile = join(folder, "Dockerfile");
  await writeFile(dockerfile, `FROM scratch\nCOPY . /\nENV PATH=/usr/bin SSL_CERT_FILE=${authoritiesPath}\n`);
  await buildah.build("localhost/build", build, ["--file", dockerfile]);
  await buildah.build("localhost/base", base, ["--file", dockerfile]);
}

/** What every image has: places to write, the user root, certificates. */
async function layOut(root: string): Promise<string> {
  for (const name of ["etc/ssl/certs", "usr/bin", "tmp", "proc", "dev", "root"]) {
    await mkdir(join(root, name), { recursive: true });
  }
  await chmod(join(root, "tmp"), 0o1777);
  await symlink("usr/bin", join(root, "bin"));
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  const authorities = new Set([...rootCertificates, ...getCACertificates("system"), ...getCACertificates("extra")]);
  await writeFile(join(root, authoritiesPath), [...authorities].join("\n"));
  return root;
}

async function addProgram(root: string, program: string): Promise<void> {
  const path = program.startsWith("/") ? program : (await run("which", [program])).stdout.trim();
  await copyFile(path, join(root, "usr/bin", basename(path)));
  await addLibraries(root, path);
}

/** The shared libraries of a program and the loader, where it looks for them. */
async function addLibraries(root: string, program: string): Promise<void> {
  const { stdout } = await run("ldd", [program]);
  for (const [path] of stdout.matchAll(/\/\S+/g)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
}

/** The package of the npm that runs this script. */
async function npmFolder(): Promise<string> {
  const script = process.env["npm_execpath"];
  if (script === undefined) throw new Error('run it by "npm run test:container": npm itself is needed');
  return dirname(dirname(await realpath(script)));
}
