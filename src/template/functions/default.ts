import { isComparable } from "../convert.ts";
import { CallRefused } from "../failure.ts";
import { goNil, type Value } from "../value.ts";
import { isZero } from "./compare.ts";

/** `default D V`: V, or D where V is nothing or the zero value of its type. Spec: regsync.md §3.2. */
export function orDefault([fallback = goNil, value = goNil]: readonly Value[]): Value {
  if (value.kind === "nil") return fallback;
  if (!isComparable(value.type)) throw new CallRefused(`a ${value.type.name} has no default`);
  return isZero(value) ? fallback : value;
}
