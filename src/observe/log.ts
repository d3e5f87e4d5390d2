/** The names a fact may have in a log line: one spelling each, so that they can be searched for. */
export interface LogFields {
  readonly action?: string;
  readonly added?: number;
  readonly allowed?: readonly string[];
  readonly attempt?: number;
  readonly available?: readonly string[];
  readonly backup?: string;
  readonly bytes?: number;
  readonly changed?: number;
  readonly code?: string;
  readonly column?: number;
  readonly copied?: number;
  readonly copying?: readonly string[];
  readonly count?: number;
  readonly delayMs?: number;
  readonly deny?: readonly string[];
  readonly digest?: string;
  readonly digestTags?: boolean;
  readonly durationMs?: number;
  readonly entry?: string;
  readonly err?: string;
  readonly error?: string;
  readonly failed?: number;
  readonly file?: string;
  readonly forced?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly jumpMs?: number;
  readonly layer?: string;
  readonly line?: number;
  readonly mediaType?: string;
  readonly method?: string;
  readonly mounted?: number;
  readonly name?: string;
  readonly outcome?: string;
  readonly next?: string;
  readonly original?: string;
  readonly path?: string;
  readonly phase?: string;
  readonly platform?: string;
  readonly reason?: string;
  readonly ref?: string;
  readonly referrers?: boolean;
  readonly removed?: number;
  readonly replaces?: string;
  readonly repository?: string;
  readonly running?: number;
  readonly skipped?: number;
  readonly sleep?: string;
  readonly source?: string;
  readonly "source-limit"?: number;
  readonly "source-remain"?: number;
  readonly stack?: string;
  readonly stale?: number;
  readonly status?: number;
  readonly "step-min"?: number;
  readonly tag?: string;
  readonly tags?: unknown;
  readonly tagSets?: unknown;
  readonly target?: string;
  readonly trigger?: string;
  readonly troubles?: readonly string[];
  readonly unchanged?: number;
  readonly url?: string;
  readonly user?: string;
  readonly waiting?: number;
  readonly warning?: string;
}

/**
 * Constant text and facts in fields. `trace` is every exchange, `debug` is why, `info` is what an operator would miss.
 */
export interface Log {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether trace lines are written, so that callers can spare the work of composing them. */
  readonly tracing: boolean;
}
