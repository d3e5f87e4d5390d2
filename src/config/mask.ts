import { secretMask } from "../base/secret.ts";

/** `:password@` of a login that does not belong in a reference; a tag before a digest is none. */
const loginInReference = /:[^\s@"']+@(?![a-z0-9+._-]+:[0-9a-f]{32})/gi;

/** A line that may hold a secret: what follows the key is not shown. */
const secretOnLine = /^(.*?(?:pass|token|secret|pwd|private|clientKey)\w*["']?\s*:(?:\s+|(?=["'[{]))).*$/i;

/** What PEM text and other long secrets look like when they go over several lines. */
const unbrokenText = /^\s*[A-Za-z0-9+/=_-]{40,}\s*$/;

/** A reference without the password that somebody may have put into it. No reference that can be read has one. */
export function maskLogin(reference: string): string {
  return reference.replace(loginInReference, `:${secretMask}@`);
}

/** A line of a configuration file without what may be secret in it; `undefined` when nothing else is left. */
export function maskLine(line: string): string | undefined {
  if (unbrokenText.test(line)) return undefined;
  return maskLogin(line.replace(secretOnLine, (_, key: string) => key + secretMask));
}
