import { RE2JS, RE2JSException } from "re2js";
import { Failure } from "../base/failure.ts";
import { quoted } from "../base/quoted.ts";
import { respell } from "./pattern-respelling.ts";

/** One item of an `allow` or `deny` list. Spec: regsync.md §5.5. */
export interface Pattern {
  /** As it stands in the file. */
  readonly text: string;
  /** Whether `^` + text + `$` is found in a name; alternatives outside a group are bound on one side only. */
  matches(name: string): boolean;
}

/** A text that should be a regular expression in Go's dialect is none. */
export class PatternInvalid extends Failure {
  readonly code = "PATTERN_INVALID";
  readonly text: string;

  constructor(text: string, cause: Error) {
    const dialect = "patterns are Go's (RE2), without look-around and back-references";
    super(`${quoted(text)}: ${cause.message.slice(0, messageLength)}; ${dialect}`, { cause });
    this.text = text;
  }
}

/** Characters of the engine's complaint that are kept: it repeats the pattern, however long that is. */
const messageLength = 200;

/** Nothing special but dots: most items are such a tag. */
const plainText = /^[A-Za-z0-9_.-]*$/;

const dot = 0x2e;
const newline = 0x0a;

/** What is a regular expression beyond doubt, so that compiling it can wait until a name is there to be matched. */
const simple = /^\^?(?:(?:[A-Za-z0-9_.-]|\\[.dDwWsS-]|\[(?:[0-9]-9|a-z|A-Z|[A-Za-z0-9_.])+\])[*+?]?)*\$?$/;

/** Makes a pattern of one item. Throws `PATTERN_INVALID`. Matching takes time linear in the name. */
export function compilePattern(text: string): Pattern {
  if (plainText.test(text)) return { text, matches: (name) => matchesPlain(text, name) };
  let compiled = simple.test(text) ? undefined : compile(text);
  return {
    text,
    matches: (name) => {
      compiled ??= compile(text);
      return compiled.test(name);
    },
  };
}

function compile(text: string): RE2JS {
  const compiled = attempt(text);
  if (compiled instanceof RE2JS) return compiled;
  const respelled = respell(text);
  const compiledAgain = respelled === text ? compiled : attempt(respelled);
  if (compiledAgain instanceof RE2JS) return compiledAgain;
  throw new PatternInvalid(text, compiled);
}

function attempt(text: string): RE2JS | RE2JSException {
  try {
    return RE2JS.compile(`^${text}$`);
  } catch (thrown) {
    if (thrown instanceof RE2JSException) return thrown;
    throw thrown;
  }
}

/** The same answer as the regular expression, for a text whose one special character is the dot. */
function matchesPlain(text: string, name: string): boolean {
  let at = 0;
  for (let position = 0; position < text.length; position++) {
    const wanted = text.charCodeAt(position);
    if (wanted !== dot) {
      if (name.charCodeAt(at) !== wanted) return false;
      at += 1;
      continue;
    }
    const found = name.codePointAt(at);
    if (found === undefined || found === newline) return false;
    at += found > 0xffff ? 2 : 1;
  }
  return at === name.length;
}
