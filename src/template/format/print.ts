import type { Bytes } from "../bytes.ts";
import { type CallContext, goBytes, type Value } from "../value.ts";
import { noFlags } from "./flags.ts";
import { Printer } from "./printer.ts";

/** What a template shows for a value: nothing has a text of its own, and of a pointer, what it leads to is shown. */
export function shown(value: Value): Value {
  if (value.kind === "nil") return goBytes("<no value>");
  let current: Value = value;
  while (current.kind === "pointer" && current.to !== undefined) current = current.to;
  return current;
}

/** Values one after the other, with a blank between two of which neither is a string. Spec: Go `fmt.Sprint`. */
export function print(values: readonly Value[], context: CallContext): Bytes {
  const printer = new Printer(context);
  for (const [index, value] of values.entries()) {
    const previous = values[index - 1];
    if (previous !== undefined && previous.kind !== "string" && value.kind !== "string") printer.write(" ");
    printer.print(value, "v", noFlags);
  }
  return printer.text;
}

/** Values with a blank between each two, and a line break. Spec: Go `fmt.Sprintln`. */
export function printLine(values: readonly Value[], context: CallContext): Bytes {
  const printer = new Printer(context);
  for (const [index, value] of values.entries()) {
    if (index > 0) printer.write(" ");
    printer.print(value, "v", noFlags);
  }
  printer.write("\n");
  return printer.text;
}
