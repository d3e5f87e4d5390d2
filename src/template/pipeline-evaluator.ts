import { Failure } from "../base/failure.ts";
import { conformTo, constantFor, constantValue, nilFor } from "./argument.ts";
import { type Bytes, fromBytes } from "./bytes.ts";
import { asElement, followPointers, isTrue, unwrap } from "./convert.ts";
import { CallRefused } from "./failure.ts";
import { templateFunctions } from "./functions/registry.ts";
import type { GoType } from "./go-type.ts";
import { methodsOf } from "./methods.ts";
import type { ChainNode, Command, FieldNode, Operand, Pipeline, VariableNode } from "./node.ts";
import type { Run } from "./run.ts";
import type { Scope } from "./scope.ts";
import type { Parameter } from "./signature.ts";
import { goNil, type Value } from "./value.ts";

/** What an operand is applied to: arguments that stand behind it, and the result of the command before it. */
interface Application {
  readonly rest: readonly Operand[];
  readonly piped: Value | undefined;
}

/** A function, or a method with its receiver. */
interface Callable {
  readonly name: Bytes;
  readonly parameters: readonly Parameter[];
  readonly more?: Parameter;
  readonly decidedBy?: boolean;
  readonly invoke: (args: readonly Value[]) => Value;
}

/** How much of a text or a list a function goes through in the time of a step. */
const bytesPerStep = 64;
const itemsPerStep = 16;

const nothing: Application = { rest: [], piped: undefined };

/** Evaluates what stands inside actions. Leaves the place of every complaint in the run. */
export class PipelineEvaluator {
  readonly #run: Run;
  readonly #scope: Scope;

  constructor(run: Run, scope: Scope) {
    this.#run = run;
    this.#scope = scope;
  }

  /** The value of the last command. Throws `CallRefused`. */
  evaluate(dot: Value, pipeline: Pipeline): Value {
    this.#run.enter();
    this.#run.at = pipeline.at;
    let piped: Value | undefined;
    for (const command of pipeline.commands) {
      this.#run.context.budget.spendSteps(1 + command.rest.length);
      piped = unwrap(this.#command(dot, command, piped));
    }
    const value = piped ?? goNil;
    for (const name of pipeline.variables) {
      if (pipeline.assigns) this.#scope.assign(name, value);
      else this.#scope.declare(name, value);
    }
    this.#run.leave();
    return value;
  }

  #command(dot: Value, { first, rest }: Command, piped: Value | undefined): Value {
    const application: Application = { rest, piped };
    switch (first.kind) {
      case "field":
      case "variable":
      case "function":
      case "chain":
        return this.#apply(dot, first, application);
      case "pipeline":
        refuseArguments(application);
        return this.evaluate(dot, first);
      case "dot":
      case "nil":
      case "bool":
      case "number":
      case "string":
        this.#run.at = first.at;
        refuseArguments(application);
        if (first.kind === "nil") throw new CallRefused("nil is not a command");
        return first.kind === "dot" ? dot : constantValue(first);
    }
  }

  #apply(
    dot: Value,
    operand: FieldNode | VariableNode | ChainNode | (Operand & { readonly kind: "function" }),
    application: Application,
  ): Value {
    this.#run.at = operand.at;
    switch (operand.kind) {
      case "field":
        return this.#members(dot, dot, operand.at, operand.names, application);
      case "function":
        return this.#function(dot, operand, application);
      case "variable": {
        const value = this.#scope.read(operand.name);
        if (operand.fields.length > 0) return this.#members(dot, value, operand.at, operand.fields, application);
        refuseArguments(application);
        return value;
      }
      case "chain":
        return this.#members(dot, this.#argument(dot, "value", operand.base), operand.at, operand.names, application);
    }
  }

  /** Goes from field to field; the arguments are for the last. */
  #members(dot: Value, base: Value, at: number, names: readonly Bytes[], application: Application): Value {
    this.#run.context.budget.spendSteps(names.length);
    let value = base;
    for (const [index, name] of names.entries()) {
      value = this.#member(dot, value, at, name, index === names.length - 1 ? application : nothing);
    }
    return value;
  }

  /** A method, a field of a struct, or an element of a map; of nothing, it is nothing. */
  #member(dot: Value, receiver: Value, at: number, name: Bytes, application: Application): Value {
    if (receiver.kind === "nil") return goNil;
    const { value, isNil } = followPointers(receiver);
    if (isNil) throw new CallRefused(`a nil ${value.type.name} has no ${fromBytes(name)}`);
    const method = methodsOf(value.type).get(name);
    if (method !== undefined) {
      const { parameters } = method;
      const invoke: Callable["invoke"] = (args) => method.call(args, value, this.#run.context);
      return this.#call(dot, { name, parameters, invoke }, at, application);
    }
    if (value.kind === "struct") {
      const field = value.values[value.type.fields.findIndex((candidate) => candidate.name === name)];
      if (field !== undefined) {
        refuseArguments(application);
        return field;
      }
    }
    if (value.kind === "map" && value.type.key.name === "string") {
      refuseArguments(application);
      const entry = value.entries?.get(name);
      return entry === undefined ? goNil : asElement(entry[1], value.type.element);
    }
    throw new CallRefused(`a ${value.type.name} has no ${fromBytes(name)}${hintAt(name, value.type)}`);
  }

  #function(dot: Value, { at, name }: Operand & { readonly kind: "function" }, application: Application): Value {
    const found = templateFunctions.get(name);
    if (found === undefined) throw new CallRefused(`function ${fromBytes(name)} not defined`);
    const invoke: Callable["invoke"] = (args) => found.call(args, this.#run.context);
    return this.#call(dot, { ...found, name, invoke }, at, application);
  }

  #call(dot: Value, callable: Callable, at: number, { rest, piped }: Application): Value {
    const { name, parameters, more, decidedBy } = callable;
    const count = rest.length + (piped === undefined ? 0 : 1);
    if (count < parameters.length || (count > parameters.length && more === undefined)) {
      const least = more === undefined ? "" : "at least ";
      throw new CallRefused(`${fromBytes(name)} takes ${least}${parameters.length} arguments, not ${count}`);
    }
    const args: Value[] = [];
    for (const [index, operand] of rest.entries()) {
      const value = this.#argument(dot, parameters[index] ?? more ?? "value", operand);
      if (decidedBy !== undefined && isTrue(unwrap(value)) === decidedBy) return value;
      args.push(value);
    }
    if (piped !== undefined) args.push(conformTo(piped, parameters[rest.length] ?? more ?? "value"));
    this.#run.context.budget.spendSteps(args.reduce((sum, value) => sum + weightOf(value), 0));
    try {
      return callable.invoke(args);
    } catch (thrown) {
      this.#run.at = at;
      if (!(thrown instanceof Failure)) throw thrown;
      throw new CallRefused(`${fromBytes(name)}: ${thrown.message}`, { cause: thrown });
    }
  }

  #argument(dot: Value, wanted: Parameter, operand: Operand): Value {
    this.#run.at = operand.at;
    switch (operand.kind) {
      case "dot":
        return conformTo(dot, wanted);
      case "nil":
        return nilFor(wanted);
      case "pipeline":
        return conformTo(this.evaluate(dot, operand), wanted);
      case "field":
      case "variable":
      case "function":
      case "chain":
        return conformTo(this.#apply(dot, operand, nothing), wanted);
      case "bool":
      case "number":
      case "string":
        return constantFor(operand, wanted);
    }
  }
}

/** The name that somebody meant who wrote a field in other capitals. */
function hintAt(name: Bytes, type: GoType): string {
  const wanted = name.toLowerCase();
  const names = [...(type.kind === "struct" ? type.fields.map((field) => field.name) : []), ...methodsOf(type).keys()];
  const meant = names.find((candidate) => candidate.toLowerCase() === wanted);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** How many ordinary steps it may take to go through an argument. */
function weightOf(value: Value): number {
  if (value.kind === "string") return Math.floor(value.value.length / bytesPerStep);
  return value.kind === "list" ? Math.floor((value.items?.length ?? 0) / itemsPerStep) : 0;
}

function refuseArguments({ rest, piped }: Application): void {
  if (rest.length > 0 || piped !== undefined) throw new CallRefused("only functions and methods take arguments");
}
