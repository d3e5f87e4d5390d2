import { type Bytes, runesOf } from "../bytes.ts";
import { quote } from "../quote.ts";
import { type Flags, pad } from "./flags.ts";

/**
 * A text as a verb wants it; `undefined` when the verb is none for texts. Spec: Go `fmt`, "String and slice of bytes".
 */
export function formatText(text: Bytes, verb: Bytes, flags: Flags): Bytes | undefined {
  switch (verb) {
    case "v":
      return flags.goSyntax ? formatQuoted(text, flags) : pad(truncate(text, flags), flags);
    case "s":
      return pad(truncate(text, flags), flags);
    case "q":
      return formatQuoted(text, flags);
    case "x":
      return formatHexadecimal(text, flags);
    case "X":
      return formatHexadecimal(text, flags).toUpperCase();
    default:
      return undefined;
  }
}

/** The precision counts characters. */
function truncate(text: Bytes, { precision }: Flags): Bytes {
  if (precision === undefined || precision >= text.length) return text;
  let end = 0;
  let count = 0;
  for (const { size } of runesOf(text)) {
    if (count === precision) break;
    count += 1;
    end += size;
  }
  return text.slice(0, end);
}

/** With `#`, in backquotes where that is possible; with `+`, in ASCII. */
function formatQuoted(text: Bytes, flags: Flags): Bytes {
  const shown = truncate(text, flags);
  const quoted = flags.sharp && fitsBackquotes(shown) ? `\`${shown}\`` : quote(shown, flags.plus);
  return pad(quoted, flags);
}

function fitsBackquotes(text: Bytes): boolean {
  for (const { code, size } of runesOf(text)) {
    const isBad = code === 0xfeff || (code === 0xfffd && size === 1) || code === 0x60 || code === 0x7f;
    if (isBad || (code < 0x20 && code !== 0x09)) return false;
  }
  return true;
}

/** Here the precision counts bytes. With a blank, bytes stand apart; with `#`, `0x` stands in front. */
function formatHexadecimal(text: Bytes, flags: Flags): Bytes {
  const shown = text.slice(0, flags.precision);
  const prefix = flags.sharp && shown !== "" ? "0x" : "";
  const digits = prefix + Buffer.from(shown, "latin1").toString("hex");
  return pad(flags.space ? digits.replaceAll(/[0-9a-f]{2}(?=[0-9a-f])/g, `$& ${prefix}`) : digits, flags);
}
