import { asElement, canBeNil, followPointers, isAssignable, unwrap, zeroOf } from "../convert.ts";
import { CallRefused } from "../failure.ts";
import { byteType, type GoType } from "../go-type.ts";
import { goBytes, goInt, type MapValue, type Value } from "../value.ts";

/** `index x 1 "key"`: elements of lists, texts and maps, one inside the other. Spec: regsync.md §3.2. */
export function index([container, ...indexes]: readonly Value[]): Value {
  let value = unwrapPresent(container, "index");
  for (const wrapped of indexes) {
    const { value: item, isNil } = followPointers(value);
    if (isNil) throw new CallRefused("a nil pointer has no elements");
    value = elementOf(item, unwrap(wrapped));
  }
  return value;
}

/** `slice x 1 2`: part of a list or a text. Spec: regsync.md §3.2. */
export function slice([container, ...indexes]: readonly Value[]): Value {
  const value = unwrapPresent(container, "slice");
  if (indexes.length > 3) throw new CallRefused("slice takes at most three indexes");
  if (value.kind === "string") {
    if (indexes.length === 3) throw new CallRefused("a string takes at most two indexes");
    const { start, end } = boundsOf(indexes, value.value.length, value.value.length);
    return goBytes(value.value.slice(start, end));
  }
  if (value.kind !== "list") throw new CallRefused(`a ${value.type.name} has no slices`);
  const items = value.items ?? [];
  const behind = value.behind ?? [];
  const { start, end, limit } = boundsOf(indexes, items.length, items.length + behind.length);
  if (value.type.fixed) throw new CallRefused("an array has no slices");
  if (value.items === undefined) return value;
  const all = [...items, ...behind];
  return { ...value, items: all.slice(start, end), behind: all.slice(end, limit) };
}

/** `len x`: elements of a list or a map, bytes of a text. Spec: regsync.md §3.2. */
export function length([container]: readonly Value[]): Value {
  const { value, isNil } = followPointers(unwrapPresent(container, "length"));
  if (isNil) throw new CallRefused("a nil pointer has no length");
  if (value.kind === "string") return goInt(value.value.length);
  if (value.kind === "list") return goInt(value.items?.length ?? 0);
  if (value.kind === "map") return goInt(value.entries?.size ?? 0);
  throw new CallRefused(`a ${value.type.name} has no length`);
}

function unwrapPresent(container: Value | undefined, what: string): Value {
  const value = container === undefined ? container : unwrap(container);
  if (value === undefined || value.kind === "nil") throw new CallRefused(`nothing has no ${what}`);
  return value;
}

function elementOf(container: Value, key: Value): Value {
  if (container.kind === "map") return mapElement(container, key);
  if (container.kind === "list") {
    const item = container.items?.[positionOf(key, container.items.length - 1)];
    if (item !== undefined) return asElement(item, container.type.element);
    throw new CallRefused("the list is empty");
  }
  if (container.kind === "string") {
    const position = positionOf(key, container.value.length - 1);
    return { kind: "integer", type: byteType, value: BigInt(container.value.charCodeAt(position)) };
  }
  throw new CallRefused(`a ${container.type.name} has no elements`);
}

/** A missing key gives the zero value. */
function mapElement({ type, entries }: MapValue, key: Value): Value {
  const found = keyFor(key, type.key);
  const entry = "value" in found ? entries?.get(found.value) : undefined;
  return entry === undefined ? zeroOf(type.element) : asElement(entry[1], type.element);
}

/** Integers serve as keys of any integer type. */
function keyFor(key: Value, wanted: GoType): Value {
  if (key.kind === "nil" && canBeNil(wanted)) return zeroOf(wanted);
  if (isAssignable(key.type, wanted)) return key;
  if (key.kind === "integer" && wanted.kind === "integer") {
    const { signed, bits } = wanted;
    const value = signed ? BigInt.asIntN(bits, key.value) : BigInt.asUintN(bits, key.value);
    return { kind: "integer", type: wanted, value };
  }
  throw new CallRefused(`a ${key.type.name} where a key of type ${wanted.name} is expected`);
}

function positionOf(key: Value, last: number): number {
  if (key.kind !== "integer") throw new CallRefused(`a ${key.type.name} where an index is expected`);
  if (key.value < 0n || key.value > BigInt(last)) throw new CallRefused(`index ${key.value} is out of range`);
  return Number(key.value);
}

/** Start and end; and with a third index, how far the elements behind may still be reached. */
function boundsOf(
  indexes: readonly Value[],
  size: number,
  capacity: number,
): { start: number; end: number; limit: number } {
  const [start = 0, end = size, limit = capacity] = indexes.map((key) => positionOf(key, capacity));
  if (start > end || end > limit) throw new CallRefused(`slice indexes ${start}, ${end} are out of order`);
  return { start, end, limit };
}
