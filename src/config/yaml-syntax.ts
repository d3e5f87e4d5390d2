import type { YAMLParseError } from "yaml";

type Code = YAMLParseError["code"];

/** Faults inside one scalar: what stands around it was read as it was meant. */
const localCodes: ReadonlySet<Code> = new Set<Code>(["BAD_DQ_ESCAPE", "BAD_SCALAR_START"]);

const misaligned = "this line does not line up with those before it; give the keys of one mapping the same indentation";
const outOfPlace =
  "nothing leads to what stands here; look for a bracket, a brace or a quotation mark too many, here or on the line before, or put the value in quotes";
const noColon = "a key without a value; write key: value, with a blank behind the colon";

const explanations: ReadonlyMap<Code, (message: string) => string> = new Map<Code, (message: string) => string>([
  ["BAD_ALIAS", () => "a * at the start of a value means an alias, and no name follows; put the value in quotes"],
  [
    "BAD_DQ_ESCAPE",
    (message) =>
      `${lastWord(message)} is no escape sequence in double quotes; write the value in single quotes, or every backslash twice`,
  ],
  ["BAD_INDENT", explainIndent],
  ["BAD_SCALAR_START", (message) => `a value cannot begin with ${lastWord(message)}; put it in quotes`],
  ["BLOCK_AS_IMPLICIT_KEY", () => misaligned],
  ["MISSING_CHAR", explainMissing],
  ["MULTILINE_IMPLICIT_KEY", () => noColon],
  ["RESOURCE_EXHAUSTION", () => "nested too deeply to be read"],
  ["TAB_AS_INDENT", () => "a tab cannot indent; use spaces"],
  ["UNEXPECTED_TOKEN", explainUnexpected],
]);

/** Whether a fault leaves the rest of the document readable. */
export function isLocal(error: YAMLParseError): boolean {
  return localCodes.has(error.code);
}

/** Whether the original takes a value as it stands, though YAML forbids the character it begins with. */
export function isForgiven({ code, message }: YAMLParseError): boolean {
  return code === "BAD_SCALAR_START" && /[%,]$/.test(message);
}

/** Whether all that is wrong with a piece of the text is that nothing before it leads to it. */
export function isOutOfPlace({ message }: YAMLParseError): boolean {
  return message.includes(" token in YAML stream");
}

/** What is wrong with the YAML and what to write instead, for people who have not read its specification. */
export function explainSyntax(error: YAMLParseError): string {
  if (isOutOfPlace(error)) return outOfPlace; // the message repeats the piece, which may be of a secret
  return explanations.get(error.code)?.(error.message) ?? notValid(error.message);
}

function explainIndent(message: string): string {
  const closing = / end with a (.)/.exec(message)?.[1];
  if (closing === undefined) return misaligned;
  return `a ${closing} is missing here; close every bracket and brace that is opened, and indent the lines inside`;
}

function explainMissing(message: string): string {
  if (message.includes("quote")) return "a quotation mark is opened here and never closed";
  return message.includes("Implicit map keys") ? noColon : notValid(message);
}

function explainUnexpected(message: string): string {
  if (message.startsWith("Block scalar header")) {
    return "a value that begins with | or > is read as a block of text; put the value in quotes";
  }
  if (message === "Unexpected scalar at node end") {
    return "the value has ended before this; when it holds quotation marks, put the whole value in quotes of the other kind";
  }
  return notValid(message);
}

function notValid(message: string): string {
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** The characters that a message of the library ends with. */
function lastWord(message: string): string {
  return message.split(" ").at(-1) ?? "";
}
