import { secretMask } from "../base/secret.ts";

/** What follows the `@` of a reference with a tag and a digest: the tag before it is no password. */
const digest = /^[a-z0-9+._-]+:[0-9a-f]{32}/i;

/** A line that may hold a secret: what follows the key is not shown. */
const secretOnLine = /^(.*?(?:pass|token|secret|pwd|private|clientKey)\w*["']?\s*:(?:\s+|(?=["'[{]))).*$/i;

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

/** A line of a configuration file without what may be secret in it; `undefined` when nothing else is left. */
export function maskLine(line: string): string | undefined {
  if (unbrokenText.test(line)) return undefined;
  return maskLogin(line.replace(secretOnLine, (_, key: string) => key + secretMask));
}
