import { type Bytes, fromBytes, toBytes } from "../bytes.ts";
import { isTrue, unwrap } from "../convert.ts";
import { CallRefused } from "../failure.ts";
import { print, printLine } from "../format/print.ts";
import { printf } from "../format/printf.ts";
import type { TemplateFunction } from "../signature.ts";
import { trimSpace } from "../spaces.ts";
import { anyType, stringType } from "../go-type.ts";
import { bytesOf, type CallContext, goBool, goBytes, goNil, type Value } from "../value.ts";
import { index, length, slice } from "./access.ts";
import { differs, equalsAny, isGreater, isGreaterOrEqual, isLess, isLessOrEqual } from "./compare.ts";
import { orDefault } from "./default.ts";
import { escapableText, escapeHtml, escapeJs, escapeUrlQuery } from "./escape.ts";
import { toJson } from "./json.ts";
import { toLower, toUpper } from "./letters.ts";
import { joinList, splitText } from "./lists.ts";
import { timeFunctions } from "./time.ts";

/** Every function that templates can call by name: those of Go, and those of regclient. Spec: regsync.md §3.2. */
export const templateFunctions: ReadonlyMap<Bytes, TemplateFunction> = new Map<Bytes, TemplateFunction>([
  ["and", { parameters: ["value"], more: "value", decidedBy: false, call: last }],
  ["call", { parameters: ["value"], more: "value", call: refuseToCall }],
  ["default", { parameters: [anyType, anyType], call: orDefault }],
  ["env", onText((name, { world }) => toBytes(world.env(fromBytes(name))))],
  ["eq", { parameters: ["value"], more: "value", call: equalsAny }],
  ["file", onText((path, { world }) => trimSpace(toBytes(world.file(fromBytes(path)) ?? "")))],
  ["ge", comparison(isGreaterOrEqual)],
  ["gt", comparison(isGreater)],
  ["html", escaper(escapeHtml)],
  ["index", { parameters: ["value"], more: "value", call: index }],
  ["join", joinList],
  ["js", escaper(escapeJs)],
  ["json", onValue((value) => toJson(value, ""))],
  ["jsonPretty", onValue((value) => toJson(value, "  "))],
  ["le", comparison(isLessOrEqual)],
  ["len", { parameters: ["value"], call: length }],
  ["lower", onText(toLower)],
  ["lt", comparison(isLess)],
  ["ne", comparison(differs)],
  ["not", { parameters: ["value"], call: ([value = goNil]) => goBool(!isTrue(unwrap(value))) }],
  ["or", { parameters: ["value"], more: "value", decidedBy: true, call: last }],
  ["print", { parameters: [], more: anyType, call: (args, context) => goBytes(print(args, context)) }],
  ["printPretty", onValue((value) => toJson(value, "  "))],
  ["printf", { parameters: [stringType], more: anyType, call: formatted }],
  ["println", { parameters: [], more: anyType, call: (args, context) => goBytes(printLine(args, context)) }],
  ["slice", { parameters: ["value"], more: "value", call: slice }],
  ["split", splitText],
  ["time", { parameters: [], call: () => timeFunctions }],
  ["trimSpace", onText(trimSpace)],
  ["upper", onText(toUpper)],
  ["urlquery", escaper(escapeUrlQuery)],
]);

/** What is left of `and` and `or` when no argument before the last decided. */
function last(args: readonly Value[]): Value {
  return args.at(-1) ?? goNil;
}

function formatted([format, ...args]: readonly Value[], context: CallContext): Value {
  return goBytes(printf(bytesOf(format), args, context));
}

function comparison(call: TemplateFunction["call"]): TemplateFunction {
  return { parameters: ["value", "value"], call };
}

function onText(result: (text: Bytes, context: CallContext) => Bytes): TemplateFunction {
  return { parameters: [stringType], call: ([text], context) => made(result(bytesOf(text), context), context) };
}

function onValue(result: (value: Value) => Bytes): TemplateFunction {
  return { parameters: [anyType], call: ([value = goNil], context) => made(result(value), context) };
}

function escaper(escape: (text: Bytes) => Bytes): TemplateFunction {
  return {
    parameters: [],
    more: anyType,
    call: (args, context) => made(escape(escapableText(args, context)), context),
  };
}

function made(text: Bytes, { budget }: CallContext): Value {
  budget.spendBytes(text.length);
  return goBytes(text);
}

/** No value here is a function. */
function refuseToCall([callee]: readonly Value[]): Value {
  throw new CallRefused(`a ${callee?.type.name} cannot be called`);
}
