import { type Bytes, runeCount } from "../bytes.ts";

/** What stands between the `%` and the verb. */
export interface Flags {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%+v`: structs with the names of their fields. */
  readonly named: boolean;
  /** `%#v`: values as Go would write them in a program. */
  readonly goSyntax: boolean;
  /** In characters. */
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** A verb and nothing else. */
export const noFlags: Flags = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  named: false,
  goSyntax: false,
  width: undefined,
  precision: undefined,
};

/** A text brought to the wanted width; with `0`, zeros fill the left side. */
export function pad(text: Bytes, { width, minus, zero }: Flags): Bytes {
  const missing = width === undefined ? 0 : width - runeCount(text);
  if (missing <= 0) return text;
  if (minus) return text + " ".repeat(missing);
  return (zero ? "0" : " ").repeat(missing) + text;
}

/** The same with blanks only, for what zeros would falsify. */
export function padWithBlanks(text: Bytes, flags: Flags): Bytes {
  return pad(text, { ...flags, zero: false });
}
