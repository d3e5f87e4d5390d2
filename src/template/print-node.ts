import type { Bytes } from "./bytes.ts";
import type { Command, Node, NodeList, Operand, Pipeline } from "./node.ts";
import { quote } from "./quote.ts";

/** Keeps two braces apart that would read as a delimiter if they touched: blanks, and a comment that trims them. */
const separator = " {{- /**/ -}} ";

/** A template's text again, as it reads without comments and trim marks; parsed, it gives the same nodes. */
export function printNodes(nodes: NodeList): Bytes {
  return nodes.map(printNode).reduce(join, "");
}

/** A named template as an action of its own. */
export function printDefinition(name: Bytes, nodes: NodeList): Bytes {
  return `{{define ${quote(name)}}}${join(printNodes(nodes), "{{end}}")}`;
}

function join(text: Bytes, next: Bytes): Bytes {
  return text + (text.endsWith("{") && next.startsWith("{") ? separator : "") + next;
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
      const branches = join(printNodes(node.body), join(otherwise, "{{end}}"));
      return `{{${node.kind} ${printPipeline(node.pipeline)}}}${branches}`;
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
