import { Failure } from "../base/failure.ts";

/** A text that is not a template. Nothing of it ran. */
export class TemplateParse extends Failure {
  readonly code = "TEMPLATE_PARSE";
  /** The line the parser had reached, from 1. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`template: out:${line}: ${reason}`);
    this.line = line;
  }
}

/** A template that stopped while it ran. What it had written is thrown away. */
export class TemplateExecution extends Failure {
  readonly code = "TEMPLATE_EXECUTION";
  /** From 1. */
  readonly line: number;
  /** Bytes of UTF-8 from the start of the line, from 0. */
  readonly column: number;

  constructor(line: number, column: number, reason: string, cause?: unknown) {
    super(`template: out:${line}:${column}: ${reason}`, { cause });
    this.line = line;
    this.column = column;
  }
}

/** How whatever runs inside a template refuses; the evaluator turns it into `TemplateExecution` with a place. */
export class CallRefused extends Failure {
  readonly code = "TEMPLATE_EXECUTION";
}
