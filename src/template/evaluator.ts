import { Failure } from "../base/failure.ts";
import { Budget } from "./budget.ts";
import { type Bytes, fromBytes } from "./bytes.ts";
import { asElement, followPointers, isTrue, unwrap } from "./convert.ts";
import { CallRefused, TemplateExecution } from "./failure.ts";
import { print, shown } from "./format/print.ts";
import type { BranchNode, Node, NodeList } from "./node.ts";
import { type Definitions, mainTemplateName } from "./parser.ts";
import { PipelineEvaluator } from "./pipeline-evaluator.ts";
import { Run } from "./run.ts";
import { Scope } from "./scope.ts";
import { goInt, goNil, type Value } from "./value.ts";
import type { TemplateWorld } from "./world.ts";

/** How often templates may call each other in a row. Go's own limit, 100,000, is there to end as well. */
const maxTemplateDepth = 160;

/** What ends a round of a `range` early. */
type Jump = "break" | "continue" | undefined;

/**
 * Runs the main template of a text.
 *
 * Throws `TEMPLATE_EXECUTION` with the place that was reached. Spec: regsync.md §3.2; Go `text/template`.
 */
export function evaluate(source: Bytes, definitions: Definitions, data: Value, world: TemplateWorld): Bytes {
  const run = new Run(definitions, { world, budget: new Budget() });
  try {
    new Evaluator(run, data, 0).walk(data, definitions.get(mainTemplateName) ?? []);
    return run.output;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const before = source.slice(0, run.at);
    const column = run.at - (before.lastIndexOf("\n") + 1);
    throw new TemplateExecution(before.split("\n").length, column, thrown.message, thrown.cause);
  }
}

/** Runs one template, the main one or a named one; each has variables of its own. */
class Evaluator {
  readonly #run: Run;
  readonly #scope: Scope;
  readonly #pipelines: PipelineEvaluator;
  /** How many templates called each other to get here. */
  readonly #depth: number;

  constructor(run: Run, data: Value, depth: number) {
    this.#run = run;
    this.#depth = depth;
    this.#scope = new Scope(data);
    this.#pipelines = new PipelineEvaluator(run, this.#scope);
  }

  walk(dot: Value, nodes: NodeList): Jump {
    this.#run.enter();
    for (const node of nodes) {
      this.#run.context.budget.spendSteps(1);
      const jump = this.#node(dot, node);
      if (jump !== undefined) {
        this.#run.leave();
        return jump;
      }
    }
    this.#run.leave();
    return undefined;
  }

  #node(dot: Value, node: Node): Jump {
    switch (node.kind) {
      case "text":
        this.#run.write(node.text);
        return undefined;
      case "action": {
        const value = this.#pipelines.evaluate(dot, node.pipeline);
        this.#run.at = node.at;
        if (node.pipeline.variables.length === 0) this.#run.write(print([shown(value)], this.#run.context));
        return undefined;
      }
      case "if":
      case "with":
        return this.#condition(dot, node);
      case "range":
        return this.#range(dot, node);
      case "template":
        this.#template(dot, node);
        return undefined;
      case "break":
      case "continue":
        return node.kind;
    }
  }

  #condition(dot: Value, { kind, pipeline, body, otherwise }: BranchNode): Jump {
    const mark = this.#scope.size;
    const value = this.#pipelines.evaluate(dot, pipeline);
    const chosen = isTrue(unwrap(value)) ? body : otherwise;
    const inner = kind === "with" && chosen === body ? value : dot;
    const jump = chosen === undefined ? undefined : this.walk(inner, chosen);
    this.#scope.forget(mark);
    return jump;
  }

  /** Every round has the element as its dot; without any round the other branch runs. */
  #range(dot: Value, node: BranchNode): Jump {
    const outer = this.#scope.size;
    const { value } = followPointers(this.#pipelines.evaluate(dot, node.pipeline));
    const inner = this.#scope.size;
    let isEmpty = true;
    for (const [index, element] of this.#rounds(value, node)) {
      isEmpty = false;
      this.#run.context.budget.spendSteps(1);
      this.#setRangeVariables(node, index, element);
      const jump = this.walk(element, node.body);
      this.#scope.forget(inner);
      if (jump === "break") break;
    }
    const jump = isEmpty && node.otherwise !== undefined ? this.walk(dot, node.otherwise) : undefined;
    this.#scope.forget(outer);
    return jump;
  }

  *#rounds(value: Value, node: BranchNode): Generator<readonly [index: Value, element: Value]> {
    switch (value.kind) {
      case "nil":
        return;
      case "list":
        for (const [index, item] of (value.items ?? []).entries()) {
          yield [goInt(index), asElement(item, value.type.element)];
        }
        return;
      case "map":
        for (const [key, element] of value.entries?.values() ?? []) {
          yield [key, asElement(element, value.type.element)];
        }
        return;
      case "integer":
        if (node.pipeline.variables.length > 1) throw new CallRefused("a number gives range only one variable");
        for (let count = 0n; count < value.value; count += 1n) yield [goNil, { ...value, value: count }];
        return;
      case "bool":
      case "string":
      case "float":
      case "complex":
      case "struct":
      case "time":
      case "pointer":
      case "interface":
        throw new CallRefused(`range cannot go over a ${value.type.name}`);
    }
  }

  #setRangeVariables({ pipeline: { variables, assigns } }: BranchNode, index: Value, element: Value): void {
    const [first, second] = variables;
    if (first === undefined) return;
    if (!assigns) {
      this.#scope.assignLatest(1, element);
      if (second !== undefined) this.#scope.assignLatest(2, index);
    } else if (second === undefined) {
      this.#scope.assign(first, element);
    } else {
      this.#scope.assign(first, index);
      this.#scope.assign(second, element);
    }
  }

  #template(dot: Value, { at, name, pipeline }: Node & { kind: "template" }): void {
    this.#run.at = at;
    if (this.#depth === maxTemplateDepth) throw new CallRefused(`templates more than ${maxTemplateDepth} deep`);
    const nodes = this.#run.definitions.get(name);
    if (nodes === undefined) throw new CallRefused(`template ${fromBytes(name)} not defined`);
    const data = pipeline === undefined ? goNil : this.#pipelines.evaluate(dot, pipeline);
    new Evaluator(this.#run, data, this.#depth + 1).walk(data, nodes);
  }
}
