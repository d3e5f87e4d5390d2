import { Failure } from "../base/failure.ts";
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
    ? `${quoted(`ocidir://${rest}`)} for an OCI layout on disk`
    : `${quoted(rest)} for a registry, or ocidir://folder for an OCI layout on disk`;
  return new ReferenceInvalid("scheme", `${quoted(text)} begins with an unknown scheme: write ${advice}`);
}

/** The refusal of a layout's reference. */
export function badLayout(text: string, pieces: ReferencePieces): ReferenceInvalid {
  const fault = suffixFault(pieces) ?? "a folder is named with letters, digits, spaces and / _ . ~ + - only";
  return new ReferenceInvalid("path", `${quoted(text)}: ${fault}; write ocidir://folder[:tag][@digest]`);
}

/** The refusal of a registry's reference. */
export function badImage(text: string): ReferenceInvalid {
  const pieces = splitImage(text);
  if (!isImage(pieces) && isImage(splitImage(text.toLowerCase()))) {
    const lower = text.replace(pieces.name, () => pieces.name.toLowerCase());
    return new ReferenceInvalid("lowercase", `${quoted(text)}: a repository is in lower case; write ${quoted(lower)}`);
  }
  const form = "write [registry/]repository[:tag][@digest], such as ghcr.io/owner/app:1.2";
  return new ReferenceInvalid("invalid", `${quoted(text)}: ${imageFault(text, pieces)}; ${form}`);
}

function imageFault(text: string, pieces: ReferencePieces): string {
  if (text === "") return "nothing is written here";
  if (text.includes("{{")) return "a template is not expanded in this place";
  if (text !== text.trim()) return "there is white space around it";
  if (userinfoOf(text) !== undefined) return "a login does not belong in a reference but under creds";
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

/** The text for a message: short, and without the login that somebody may have put before the host. */
function quoted(text: string): string {
  const login = userinfoOf(text);
  const shown = login === undefined ? text : text.replace(login, () => "…");
  return JSON.stringify(shown.length > 200 ? `${shown.slice(0, 200)}…` : shown);
}

/** What stands before an `@` that is followed by a slash, as in `user:password@host/app`. No reference has that. */
function userinfoOf(text: string): string | undefined {
  const at = text.lastIndexOf("@", text.lastIndexOf("/"));
  const scheme = text.indexOf("://");
  const start = scheme < 0 ? 0 : scheme + 3;
  return at > start ? text.slice(start, at) : undefined;
}
