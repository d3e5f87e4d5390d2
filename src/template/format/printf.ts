import { type Bytes, runeAt, runeToBytes } from "../bytes.ts";
import type { CallContext, Value } from "../value.ts";
import { type Flags, noFlags } from "./flags.ts";
import { Printer } from "./printer.ts";

/** Widths and precisions above this are mistakes to Go. */
const largestNumber = 1_000_000;

/** Reading an index stops one digit later. */
const largestIndex = largestNumber * 10 + 9;

const flagCharacters = /[#0+\- ]*/y;

/** Arguments put into a format. Whatever is wrong is said in the result. Spec: Go `fmt.Sprintf`. */
export function printf(format: Bytes, args: readonly Value[], context: CallContext): Bytes {
  return new Formatter(format, args, context).run();
}

class Formatter {
  readonly #format: Bytes;
  readonly #args: readonly Value[];
  readonly #printer: Printer;
  #at = 0;
  /** The argument that comes next, from 0. */
  #next = 0;
  /** Whether an index like `[2]` was there: then nobody asks whether all arguments were used. */
  #reordered = false;
  /** Whether the index just read waits for its verb, width or precision. */
  #afterIndex = false;
  #isIndexGood = true;

  constructor(format: Bytes, args: readonly Value[], context: CallContext) {
    this.#format = format;
    this.#args = args;
    this.#printer = new Printer(context);
  }

  run(): Bytes {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#printer.write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0) this.#directive();
    }
    if (!this.#reordered && this.#next < this.#args.length) this.#reportExtra();
    return this.#printer.text;
  }

  /** What stands behind one `%`. */
  #directive(): void {
    this.#isIndexGood = true;
    this.#afterIndex = false;
    flagCharacters.lastIndex = this.#at;
    const [characters = ""] = flagCharacters.exec(this.#format) ?? [];
    this.#at += characters.length;
    this.#index();
    const { minus, ...width } = this.#width();
    const precision = this.#precision();
    if (!this.#afterIndex) this.#index();
    if (this.#at >= this.#format.length) return this.#printer.write("%!(NOVERB)");
    const { code, size } = runeAt(this.#format, this.#at);
    const verb = runeToBytes(code);
    this.#at += size;
    const leftAligned = minus || characters.includes("-");
    return this.#verb(verb, {
      ...noFlags,
      ...width,
      precision,
      plus: characters.includes("+"),
      minus: leftAligned,
      sharp: characters.includes("#"),
      space: characters.includes(" "),
      zero: characters.includes("0") && !leftAligned,
    });
  }

  #verb(verb: Bytes, flags: Flags): void {
    const argument = this.#args[this.#next];
    if (verb === "%") return this.#printer.write("%");
    if (!this.#isIndexGood) return this.#printer.write(`%!${verb}(BADINDEX)`);
    if (argument === undefined) return this.#printer.write(`%!${verb}(MISSING)`);
    this.#next += 1;
    const isValue = verb === "v" || verb === "w";
    const { plus, sharp } = flags;
    const valueFlags = { ...flags, plus: false, sharp: false, named: plus, goSyntax: sharp };
    return this.#printer.print(argument, verb, isValue ? valueFlags : flags);
  }
  /** `[n]` chooses the next argument. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const closing = this.#format.indexOf("]", this.#at + 1);
    const digits = this.#format.slice(this.#at + 1, closing);
    const isNumber = closing > this.#at + 1 && /^[0-9]+$/.test(digits) && Number(digits) <= largestIndex;
    this.#at = closing < 0 ? this.#at + 1 : closing + 1;
    this.#afterIndex = isNumber;
    if (isNumber && Number(digits) >= 1 && Number(digits) <= this.#args.length) this.#next = Number(digits) - 1;
    else this.#isIndexGood = false;
  }

  #width(): { width: number | undefined; minus: boolean } {
    if (this.#format[this.#at] === "*") {
      this.#at += 1;
      const width = this.#numberFromArgument();
      if (width === undefined) this.#printer.write("%!(BADWIDTH)");
      this.#afterIndex = false;
      return { width: width === undefined ? undefined : Math.abs(width), minus: width !== undefined && width < 0 };
    }
    const width = this.#number();
    if (this.#afterIndex && width !== undefined) this.#isIndexGood = false;
    return { width, minus: false };
  }

  #precision(): number | undefined {
    const isLast = this.#at + 1 === this.#format.length;
    if (this.#format[this.#at] !== "." || isLast) return undefined;
    this.#at += 1;
    if (this.#afterIndex) this.#isIndexGood = false;
    this.#index();
    if (this.#format[this.#at] !== "*") return this.#number() ?? 0;
    this.#at += 1;
    this.#afterIndex = false;
    const precision = this.#numberFromArgument();
    if (precision !== undefined && precision >= 0) return precision;
    this.#printer.write("%!(BADPREC)");
    return undefined;
  }

  /** A number in the format; one that is too large ends the format. */
  #number(): number | undefined {
    let number: number | undefined;
    for (; isDigit(this.#format[this.#at]); this.#at += 1) {
      if (number !== undefined && number > largestNumber) {
        this.#at = this.#format.length;
        return undefined;
      }
      number = (number ?? 0) * 10 + Number(this.#format[this.#at]);
    }
    return number;
  }

  /** `*` takes the number from the arguments; `undefined` when there is none that can be one. */
  #numberFromArgument(): number | undefined {
    const argument = this.#args[this.#next];
    if (argument === undefined) return undefined;
    this.#next += 1;
    if (argument.kind !== "integer") return undefined;
    const number = Number(argument.value);
    return Math.abs(number) > largestNumber ? undefined : number;
  }

  #reportExtra(): void {
    this.#printer.write("%!(EXTRA ");
    for (const [index, value] of this.#args.slice(this.#next).entries()) {
      if (index > 0) this.#printer.write(", ");
      if (value.kind !== "nil") this.#printer.write(`${value.type.name}=`);
      this.#printer.print(value, "v", noFlags);
    }
    this.#printer.write(")");
  }
}

function isDigit(text: string | undefined): boolean {
  return text !== undefined && text >= "0" && text <= "9";
}
