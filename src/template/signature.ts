import type { GoType } from "./go-type.ts";
import type { CallContext, Value } from "./value.ts";

/** What an argument must be: of a type, or any value as it stands, wrappings and all. */
export type Parameter = GoType | "value";

/** A function that templates can call by name. Throwing `CallRefused` stops the template at the place of the call. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** What every further argument must be; `undefined` when there must be none. */
  readonly more?: Parameter;
  /** For `and` and `or`: the first argument with this truth is the result, and the others are not evaluated. */
  readonly decidedBy?: boolean;
  /** The arguments are already what the parameters ask for. */
  call(args: readonly Value[], context: CallContext): Value;
}
