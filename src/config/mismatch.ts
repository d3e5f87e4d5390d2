import type { Path } from "./path.ts";
import { kindOf } from "./scalar.ts";
import { mayHoldSecret, type Property, type Shape, type TextShape } from "./shape.ts";
import type { YamlContent, YamlScalar } from "./yaml-document.ts";

const longestQuote = 60;

/** What is wrong with a value of another kind than is wanted, and what to write instead. */
export function describeMismatch(node: YamlContent, property: Property, path: Path): string {
  if (path.length === 0) return describeWholeFile(node);
  if (node.kind === "scalar") return describeScalar(node, property);
  const found = node.kind === "mapping" ? "a mapping" : "a list";
  switch (property.shape.kind) {
    case "text":
      if (startsWithTemplate(node))
        return `an unquoted {{ begins a mapping in YAML; put the value in quotes: '{{env "NAME"}}'`;
      return `is ${found} where a text is wanted${suchAs(property)}`;
    case "boolean":
      return `is ${found} where true or false is wanted`;
    case "integer":
    case "number":
      return `is ${found} where a number is wanted${suchAs(property)}`;
    case "list":
      return `is ${found} where a list is wanted; begin each item with "- "`;
    case "record":
      if (path.at(-1) === "tags")
        return "is a list where a mapping is wanted; write several sets of tags under tagSets";
      return `is ${found} where a mapping is wanted; write its keys without "- "`;
  }
}

/** What is wrong with a plain number or a word where a duration is wanted. */
export function describeDuration(scalar: YamlScalar, shape: TextShape): string {
  const text = scalar.text;
  const kind = kindOf(scalar);
  if (shape.isAboveZero && text === "0") return describeNoTime(text);
  if (kind === "boolean") return `${quoted(text)} is not a duration; write one such as 15m`;
  const advice =
    /^[0-9]+$/.test(text) && !shape.countsNanoseconds
      ? `write ${text}s, ${text}m or ${text}h`
      : "write one such as 15m";
  return `${quoted(text)} has no unit; ${text === "0" ? "write 0s" : advice}`;
}

/** What is wrong with zero, or less, where only a duration above it makes sense. */
export function describeNoTime(text: string): string {
  return `${quoted(text)} is not above zero; write a duration such as 30s, or 24h where there should be no limit`;
}

function describeWholeFile(node: YamlContent): string {
  if (node.kind === "sequence") return "the file is a list where a mapping is wanted; put its items under sync:";
  return "the file is a single value where a mapping with keys such as sync: is wanted";
}

function describeScalar(scalar: YamlScalar, { shape, example = "2" }: Property): string {
  const text = scalar.text;
  switch (shape.kind) {
    case "text":
      return `${quoted(text)} is not a text`;
    case "boolean":
      return `${quoted(text)} is not a boolean; write true or false, without quotes`;
    case "integer":
      if (/^[-+]?[0-9]+$/.test(text)) return `${quoted(text)} is too large; numbers have 64 bits`;
      return `${quoted(text)} is not a whole number; write one such as ${example}`;
    case "number":
      return `${quoted(text)} is not a number; write one such as ${example}`;
    case "list":
      if (mayHoldSecret(shape))
        return `is a single value where a list is wanted; write its items each with "- " before it`;
      return `${quoted(text)} is a single value where a list is wanted; write ${listOf(text, shape.item)}`;
    case "record":
      if (mayHoldSecret(shape))
        return "is a single value where a mapping is wanted; write its keys on lines of their own, indented, with a blank behind the colon";
      return `${quoted(text)} is a single value where a mapping is wanted; write its keys on lines of their own, indented`;
  }
}

/** `{{…` without quotes, which YAML reads as a mapping whose key is a mapping. */
function startsWithTemplate(node: YamlContent): boolean {
  return node.kind === "mapping" && node.pairs[0]?.key.kind === "mapping";
}

function listOf(text: string, item: Shape): string {
  if (item.kind === "record") return 'its items each with "- " before it';
  return text.length > longestQuote ? "it in brackets" : `[${JSON.stringify(text)}]`;
}

function suchAs({ example }: Property): string {
  return example === undefined ? "" : `; write one such as ${example}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
