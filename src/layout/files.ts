import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCodeOf } from "../base/failure.ts";
import { diskFailure, LayoutInvalid, onDisk } from "./failures.ts";

/** Modes of what is made, less the umask. Spec: regsync.md row 0.20, as the README decides it. */
export const folderMode = 0o755;
const fileMode = 0o644;

/** How the names of files that are being written begin and end. */
export const temporaryPrefix = ".regsync-";
export const temporarySuffix = ".tmp";

/**
 * Opens a file for reading; `undefined` when there is none.
 *
 * Links, pipes and devices are refused: a layout may come from anywhere. Throws `LAYOUT_INVALID`, `DISK_REFUSED`.
 * Spec: registry-protocol.md §8.2.
 */
export async function openFile(path: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    // Without NONBLOCK, opening a pipe that nobody writes to would never end.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code === "ENOENT") return undefined;
    throw code === "ELOOP" ? isLink(path) : diskFailure(path, thrown);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new LayoutInvalid(path, "is not a regular file");
}

/** The size of a regular file in bytes; `undefined` when there is none. Throws as `openFile` does. */
export async function sizeOfFile(path: string): Promise<number | undefined> {
  const found = await lstatOf(path);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) throw isLink(path);
  if (!found.isFile()) throw new LayoutInvalid(path, "is not a regular file");
  return found.size;
}

/** Whether there is anything under the path. Throws `DISK_REFUSED` when that cannot be told. */
export async function exists(path: string): Promise<boolean> {
  return (await lstatOf(path)) !== undefined;
}

/** Whether there is a folder. Throws `LAYOUT_INVALID` when it is a link or a file, `DISK_REFUSED`. */
export async function isOwnFolder(path: string): Promise<boolean> {
  const found = await lstatOf(path);
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw found.isSymbolicLink() ? isLink(path) : new LayoutInvalid(path, "is not a folder");
}

/** A whole file; `undefined` when there is none. Throws `LAYOUT_INVALID` when it is larger than the limit. */
export async function readWhole(path: string, limitBytes: number): Promise<Uint8Array | undefined> {
  await using handle = await openFile(path);
  return handle === undefined ? undefined : await readOpen(handle, path, limitBytes);
}

/** The whole of a file that is open. Throws `LAYOUT_INVALID` when it is larger than the limit. */
export async function readOpen(handle: FileHandle, path: string, limitBytes: number): Promise<Uint8Array> {
  const { size } = await onDisk(path, handle.stat());
  if (size > limitBytes) throw new LayoutInvalid(path, `has ${size} bytes, more than the ${limitBytes} that are read`);
  return await onDisk(path, handle.readFile());
}

/**
 * Writes a file under a name of its own, brings it to the disk and only then gives it its name: whoever looks finds
 * nothing, what was there before, or all of it.
 *
 * Whatever goes wrong, nothing is left behind. The folder's list of names is not yet on the disk: see `syncFolder`.
 */
export async function writeAtOnce(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `${temporaryPrefix}${randomBytes(8).toString("hex")}${temporarySuffix}`);
  try {
    await writeNew(temporary, path, write);
    await onDisk(path, rename(temporary, path));
  } catch (failure) {
    await rm(temporary, { force: true }).catch(() => undefined); // what went wrong before is what counts
    throw failure;
  }
}

async function writeNew(temporary: string, path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await onDisk(path, open(temporary, flags, fileMode));
  try {
    await write(handle);
    await onDisk(path, handle.datasync());
  } finally {
    await onDisk(path, handle.close());
  }
}

/** Brings the names of a folder's files to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await onDisk(path, open(path, constants.O_RDONLY));
  try {
    await handle.sync();
  } catch (thrown) {
    // Some network file systems do not know how, and need not.
    if (!["EINVAL", "ENOTSUP", "EPERM"].includes(systemCodeOf(thrown) ?? "")) throw diskFailure(path, thrown);
  } finally {
    await handle.close();
  }
}

/** The names in a folder, none when there is no such folder. Throws `DISK_REFUSED`. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return [];
    throw diskFailure(folder, thrown);
  }
}

async function lstatOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return undefined;
    throw diskFailure(path, thrown);
  }
}

function isLink(path: string): LayoutInvalid {
  return new LayoutInvalid(path, "is a symbolic link, and links inside a layout are not followed");
}
