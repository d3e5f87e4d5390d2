import { durationMethods } from "./duration-methods.ts";
import { monthMethods, timeMethods, weekdayMethods } from "./time/time-methods.ts";
import { durationType, type GoType, monthType, weekdayType } from "./go-type.ts";
import type { Methods } from "./value.ts";

const none: Methods = new Map();

/** The methods of a type. A pointer has those of what it points to. */
export function methodsOf(type: GoType): Methods {
  switch (type.kind) {
    case "struct":
      return type.methods;
    case "pointer":
      return methodsOf(type.to);
    case "time":
      return timeMethods;
    case "integer":
      return methodsOfInteger(type.name);
    case "nil":
    case "bool":
    case "string":
    case "float":
    case "complex":
    case "list":
    case "map":
    case "interface":
      return none;
  }
}

function methodsOfInteger(name: string): Methods {
  if (name === durationType.name) return durationMethods;
  if (name === monthType.name) return monthMethods;
  return name === weekdayType.name ? weekdayMethods : none;
}
