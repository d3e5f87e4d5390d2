import { secretMask } from "../base/secret.ts";
import { fileShape, isSecret, type RecordShape, type Shape } from "./shape.ts";

/** What follows the `@` of a reference with a tag and a digest: the tag before it is no password. */
const digest = /^[a-z0-9+._-]+:[0-9a-f]{32}/i;

/**
 * A line that may hold a secret: what follows the key is not shown, and at the start of a line may follow without a
 * colon or blank.
 */
const secretOnLine =
  /^(\s*(?:- +)?["']?(?:pass|token|secret|pwd|private|clientKey)\w*["']?\s*[:= ]\s*|.*?(?:pass|token|secret|pwd|private|clientKey)\w*["']?\s*:(?:\s+|(?=["'[{]))).*$/i;

/** A key and what follows it up to its value. */
const keyOnLine = /([A-Za-z_][\w-]*)["']?\s*:(?:\s+|(?=["'[{])|$)/g;

/** What may stand before the first key of a line. */
const beforeKeys = /^[-?{["'\s]*$/;

/** Keys of the file whose values anybody may see; `undefined` until a line is to be shown. */
let openKeys: ReadonlySet<string> | undefined;

/** What PEM text and other long secrets look like when they go over several lines. */
const unbrokenText = /^\s*[A-Za-z0-9+/=_-]{40,}\s*$/;

/** A reference without the password that somebody may have put into it. No reference that can be read has one. */
export function maskLogin(reference: string): string {
  if (!reference.includes("@")) return reference;
  const parts = reference.split("@");
  const masked = parts.map((part, at) => {
    const next = parts[at + 1];
    return next === undefined || digest.test(next) ? part : maskBehindColon(part);
  });
  return masked.join("@");
}

/** The text without what stands behind the first colon of its last word: `user:password` before an `@`. */
function maskBehindColon(text: string): string {
  const wordLength = text.split(/[\s"']/).at(-1)?.length ?? 0;
  const colon = text.indexOf(":", text.length - wordLength);
  return colon < 0 || colon === text.length - 1 ? text : `${text.slice(0, colon)}:${secretMask}`;
}

/**
 * A line of a configuration file without what may be secret in it; `undefined` when nothing else is left. Where logins
 * are written down (`isPrivate`) only what is known to be none is shown: a password may be anything, under any key.
 */
export function maskLine(line: string, isPrivate: boolean): string | undefined {
  if (unbrokenText.test(line)) return undefined;
  const masked = line.replace(secretOnLine, (_, key: string) => key + secretMask);
  const shown = isPrivate && masked === line ? openPartOf(line) : masked;
  return shown === undefined ? undefined : maskLogin(shown);
}

/** What stands before the first key that is not known to hold no secret; `undefined` for a line that begins with none. */
function openPartOf(line: string): string | undefined {
  openKeys ??= openKeysOf(fileShape);
  let known = false;
  for (const { 0: key, 1: name = "", index } of line.matchAll(keyOnLine)) {
    if (!known && !beforeKeys.test(line.slice(0, index))) return undefined;
    if (!openKeys.has(name)) return known ? line.slice(0, index + key.length) + secretMask : undefined;
    known = true;
  }
  return known ? line : undefined;
}

function openKeysOf(record: RecordShape): Set<string> {
  const open = new Set<string>();
  const secret = new Set<string>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "list") visit(shape.item);
    if (shape.kind !== "record") return;
    for (const [name, property] of shape.keys) {
      (isSecret(property.shape) ? secret : open).add(name);
      visit(property.shape);
    }
  };
  visit(record);
  return open.difference(secret);
}
