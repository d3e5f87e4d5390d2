import { Failure } from "../base/failure.ts";
import { quoted } from "../base/quoted.ts";
import { isDigestShaped, isImage, isTag, type ReferencePieces, splitImage } from "./reference-grammar.ts";

/** What is wrong with a reference: upper case in the repository, an unknown scheme, a bad layout path, anything else. */
export type ReferenceFault = "lowercase" | "scheme" | "path" | "invalid";

/** A text that should say where an image is does not. The message says what to write instead. */
export class ReferenceInvalid extends Failure {
  readonly code = "REFERENCE_INVALID";
  readonly reason: ReferenceFault;

  constructor(reason: ReferenceFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The refusal of a text that begins with a scheme which is not one of ours. */
export function unknownScheme(text: string, scheme: string, rest: string): ReferenceInvalid {
  const advice = scheme.startsWith("oci")
    ? `${shown(`ocidir://${rest}`)} for an OCI layout on disk`
    : `${shown(rest)} for a registry, or ocidir://folder for an OCI layout on disk`;
  return new ReferenceInvalid("scheme", `${shown(text)} begins with an unknown scheme: write ${advice}`);
}

/** The refusal of a layout's reference. */
export function badLayout(text: string, pieces: ReferencePieces): ReferenceInvalid {
  const fault = suffixFault(pieces) ?? "a folder is named with letters, digits, spaces and / _ . ~ + - only";
  return new ReferenceInvalid("path", `${shown(text)}: ${fault}; write ocidir://folder[:tag][@digest]`);
}

/** The refusal of a registry's reference. */
export function badImage(text: string): ReferenceInvalid {
  const pieces = splitImage(text);
  if (!isImage(pieces) && isImage(splitImage(text.toLowerCase()))) {
    const start = pieces.registry === undefined ? 0 : pieces.registry.length + 1;
    const end = start + pieces.name.length;
    const lower = text.slice(0, start) + text.slice(start, end).toLowerCase() + text.slice(end);
    return new ReferenceInvalid("lowercase", `${shown(text)}: a repository is in lower case; write ${shown(lower)}`);
  }
  const form = "write [registry/]repository[:tag][@digest], such as ghcr.io/owner/app:1.2";
  return new ReferenceInvalid("invalid", `${shown(text)}: ${imageFault(text, pieces)}; ${form}`);
}

function imageFault(text: string, pieces: ReferencePieces): string {
  if (text === "") return "nothing is written here";
  if (text.includes("{{")) return "a template is not expanded in this place";
  if (text !== text.trim()) return "there is white space around it";
  if (text.includes("@") && text.includes("/", text.indexOf("@")))
    return "a login does not belong in a reference but under creds";
  if (pieces.name === "localhost") return "localhost is a registry, and the repository is missing";
  return (
    suffixFault(pieces) ??
    "a repository is made of lower-case letters and digits, joined by single dots, one or two underscores, hyphens and slashes"
  );
}

function suffixFault({ tag, digest }: ReferencePieces): string | undefined {
  if (digest !== undefined && !isDigestShaped(digest)) {
    return "what follows the @ is no digest, such as sha256: and 64 hex digits";
  }
  if (tag?.startsWith("//") === true) return "what stands before :// is no scheme, which is ocidir or left out";
  if (tag?.includes("/") === true) return "what stands before the first / is no host with a port";
  if (tag !== undefined && !isTag(tag)) {
    return "what follows the : is no tag, which is 1 to 128 letters, digits, _ . - and does not begin with . or -";
  }
  return undefined;
}

/** The text for a message, without the login that somebody may have put before the host. */
function shown(text: string): string {
  const login = findLogin(text);
  return quoted(login === undefined ? text : `${text.slice(0, login.start)}…${text.slice(login.end)}`);
}

/** What stands before an `@` that has a slash behind it or a colon before it: `user:password@host/app`. */
function findLogin(text: string): { readonly start: number; readonly end: number } | undefined {
  const head = text.replace(/@sha[0-9]+:[^@/]*$/i, "");
  const scheme = head.indexOf("://");
  const start = scheme < 0 ? 0 : scheme + 3;
  const end = head.lastIndexOf("@");
  if (end <= start) return undefined;
  return head.includes("/", end) || head.slice(start, end).includes(":") ? { start, end } : undefined;
}
