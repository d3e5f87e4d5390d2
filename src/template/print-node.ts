import type { Bytes } from "./bytes.ts";
import type { Command, Node, NodeList, Operand, Pipeline } from "./node.ts";
import { quote } from "./quote.ts";

/** Joins two texts that would read as a delimiter if they touched: blanks and a comment that trims them away. */
const separator = " {{- /**/ -}} ";

/** A template's text again, as it reads without comments and trim marks; parsed, it gives the same nodes. */
export function printNodes(nodes: NodeList): Bytes {
  let text = "";
  for (const node of nodes) {
    const next = printNode(node);
    if (text.endsWith("{") && next.startsWith("{")) text += node.kind === "text" ? separator : " {{- /**/ -}}";
    text += next;
  }
  return text;
}

/** A named template as an action of its own. */
export function printDefinition(name: Bytes, nodes: NodeList): Bytes {
  return `{{define ${quote(name)}}}${printNodes(nodes)}{{end}}`;
}

function printNode(node: Node): Bytes {
  switch (node.kind) {
    case "text":
      return node.text;
    case "action":
      return `{{${printPipeline(node.pipeline)}}}`;
    case "if":
    case "range":
    case "with": {
      const otherwise = node.otherwise === undefined ? "" : `{{else}}${printNodes(node.otherwise)}`;
      return `{{${node.kind} ${printPipeline(node.pipeline)}}}${printNodes(node.body)}${otherwise}{{end}}`;
    }
    case "template":
      return `{{template ${quote(node.name)}${node.pipeline === undefined ? "" : ` ${printPipeline(node.pipeline)}`}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
  }
}

function printPipeline(pipeline: Pipeline): Bytes {
  const names = pipeline.variables.join(", ");
  const sign = pipeline.assigns ? "=" : ":=";
  const commands = pipeline.commands.map(printCommand).join(" | ");
  return names === "" ? commands : `${names} ${sign} ${commands}`;
}

function printCommand({ first, rest }: Command): Bytes {
  return [first, ...rest].map(printOperand).join(" ");
}

function printOperand(operand: Operand): Bytes {
  switch (operand.kind) {
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(operand.value);
    case "number":
    case "string":
      return operand.source;
    case "field":
      return operand.names.map((name) => `.${name}`).join("");
    case "variable":
      return [operand.name, ...operand.fields].join(".");
    case "function":
      return operand.name;
    case "chain":
      return [printOperand(operand.base), ...operand.names].join(".");
    case "pipeline":
      return `(${printPipeline(operand)})`;
  }
}
