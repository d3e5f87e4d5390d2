import { type Bytes, fromBytes } from "./bytes.ts";
import { CallRefused } from "./failure.ts";
import type { Value } from "./value.ts";

/** The variables of one template while it runs; the latest of a name counts. */
export class Scope {
  readonly #variables: { readonly name: Bytes; value: Value }[];

  constructor(data: Value) {
    this.#variables = [{ name: "$", value: data }];
  }

  /** How many variables there are: a mark to return to with `forget`. */
  get size(): number {
    return this.#variables.length;
  }

  /** Ends the variables that began after a mark. */
  forget(mark: number): void {
    this.#variables.length = mark;
  }

  declare(name: Bytes, value: Value): void {
    this.#variables.push({ name, value });
  }

  /** Throws `CallRefused` when there is no such variable. */
  assign(name: Bytes, value: Value): void {
    this.#find(name).value = value;
  }

  /** Changes one of the latest variables; 1 is the last. */
  assignLatest(place: number, value: Value): void {
    const variable = this.#variables.at(-place);
    if (variable !== undefined) variable.value = value;
  }

  /** Throws `CallRefused` when there is no such variable, as in `{{$x := $x}}`. */
  read(name: Bytes): Value {
    return this.#find(name).value;
  }

  #find(name: Bytes): { value: Value } {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) throw new CallRefused(`undefined variable ${fromBytes(name)}`);
    return variable;
  }
}
