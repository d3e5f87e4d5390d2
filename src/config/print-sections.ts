import { YamlText } from "./yaml-text.ts";

/** One key of the file: with its value, or with the items of a list that are made one by one. */
export type Section =
  | { readonly key: string; readonly value: unknown }
  | { readonly key: string; readonly items: Iterable<object> };

/** Characters that are handed on together. */
const pieceLength = 64 * 1024;

/** The sections as YAML, in pieces. */
export function yamlOf(sections: Iterable<Section>): Iterable<string> {
  return inPieces(yamlLines(sections));
}

/** The sections as JSON that is indented by two spaces, in pieces. */
export function jsonOf(sections: Iterable<Section>): Iterable<string> {
  return inPieces(jsonLines(sections));
}

function* yamlLines(sections: Iterable<Section>): Generator<string> {
  const yaml = new YamlText();
  for (const section of sections) {
    if ("value" in section) {
      yield yaml.pairs({ [section.key]: section.value });
      continue;
    }
    let head = `${section.key}:\n`;
    for (const item of section.items) {
      yield head + yaml.items([item], "  ");
      head = "";
    }
    if (head !== "") yield `${section.key}: []\n`;
  }
}

function* jsonLines(sections: Iterable<Section>): Generator<string> {
  let before = "{\n";
  for (const section of sections) {
    yield `${before}  ${JSON.stringify(section.key)}: `;
    before = ",\n";
    if ("value" in section) {
      yield json(section.value, "  ");
      continue;
    }
    let head = "[\n    ";
    for (const item of section.items) {
      yield head + json(item, "    ");
      head = ",\n    ";
    }
    yield head.startsWith("[") ? "[]" : "\n  ]";
  }
  yield "\n}\n";
}

/** A value whose first line is indented already. No text in JSON has line feeds. */
function json(value: unknown, indent: string): string {
  return JSON.stringify(value, undefined, 2).replaceAll("\n", `\n${indent}`);
}

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}
