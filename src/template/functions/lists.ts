import { type Bytes, runesOf } from "../bytes.ts";
import type { TemplateFunction } from "../signature.ts";
import { stringListType, stringType } from "../go-type.ts";
import { bytesOf, goBytes, type Value } from "../value.ts";

/** What one element of a list takes in memory besides its text, in bytes. */
const elementBytes = 64;

/** `join LIST SEP`. Spec: Go `strings.Join`. */
export const joinList: TemplateFunction = {
  parameters: [stringListType, stringType],
  call: ([list, separator], { budget }) => {
    const texts = list?.kind === "list" ? (list.items ?? []).map(bytesOf) : [];
    const text = texts.join(bytesOf(separator));
    budget.spendBytes(text.length);
    return goBytes(text);
  },
};

/** `split TEXT SEP`; without a separator, into characters. Spec: Go `strings.Split`. */
export const splitText: TemplateFunction = {
  parameters: [stringType, stringType],
  call: ([text, separator], { budget }) => {
    const bytes = bytesOf(text);
    const mark = bytesOf(separator);
    // Counted before it is made: a long text has many letters.
    budget.spendBytes(elementBytes * (mark === "" ? bytes.length : occurrences(bytes, mark) + 1));
    const parts = mark === "" ? characters(bytes) : bytes.split(mark);
    return { kind: "list", type: stringListType, items: parts.map(goBytes) } satisfies Value;
  },
};

function occurrences(bytes: Bytes, mark: Bytes): number {
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count += 1;
  return count;
}

function characters(bytes: Bytes): Bytes[] {
  const parts: Bytes[] = [];
  let at = 0;
  for (const { size } of runesOf(bytes)) {
    parts.push(bytes.slice(at, at + size));
    at += size;
  }
  return parts;
}
