import type { EffectiveConfig } from "../../src/config/effective.ts";
import { type PrintOptions, printConfig } from "../../src/config/print.ts";

/** The effective configuration as one text. */
export function printed(config: EffectiveConfig, options: PrintOptions): string {
  return [...printConfig(config, options)].join("");
}
