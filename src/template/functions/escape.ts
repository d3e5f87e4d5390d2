import { type Bytes, runeAt } from "../bytes.ts";
import { print, shown } from "../format/print.ts";
import { isPrintable } from "../quote.ts";
import type { CallContext, Value } from "../value.ts";

const htmlEntities = new Map([
  ["\0", "\xef\xbf\xbd"], // U+FFFD
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

const jsEscapes = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ['"', '\\"'],
]);

const jsSpecial = /[\\'"<>&=\0-\x1f]|[\x80-\xff]+/g; // oxlint-disable-line no-control-regex -- these bytes are meant

/** What the escapers escape: a single text as it is, anything else as a template shows it. */
export function escapableText(args: readonly Value[], context: CallContext): Bytes {
  const [only] = args;
  if (args.length === 1 && only?.kind === "string") return only.value;
  return print(args.map(shown), context);
}

/** Text for HTML. Spec: Go `html/template.HTMLEscapeString`. */
export function escapeHtml(text: Bytes): Bytes {
  return text.replaceAll(/[\0"'&<>]/g, (character) => htmlEntities.get(character) ?? character); // oxlint-disable-line no-control-regex -- NUL is meant
}

/** Text for a string in JavaScript. Spec: Go `text/template.JSEscapeString`. */
export function escapeJs(text: Bytes): Bytes {
  return text.replaceAll(jsSpecial, (run) => (run >= "\x80" ? escapeJsRunes(run) : escapeJsCharacter(run)));
}

/** Text for the query of a URL. Spec: Go `net/url.QueryEscape`. */
export function escapeUrlQuery(text: Bytes): Bytes {
  return text.replaceAll(/[^A-Za-z0-9_.~-]/g, (byte) =>
    byte === " " ? "+" : `%${hexadecimal(byte.charCodeAt(0), 2)}`,
  );
}

function escapeJsCharacter(character: string): Bytes {
  return jsEscapes.get(character) ?? `\\u${hexadecimal(character.charCodeAt(0), 4)}`;
}

/** Characters without a shape become escapes; a byte that is no character stays. */
function escapeJsRunes(run: Bytes): Bytes {
  const parts: Bytes[] = [];
  for (let at = 0; at < run.length; ) {
    const { code, size } = runeAt(run, at);
    parts.push(isPrintable(code) ? run.slice(at, at + size) : `\\u${hexadecimal(code, 4)}`);
    at += size;
  }
  return parts.join("");
}

function hexadecimal(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, "0");
}
