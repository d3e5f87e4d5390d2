/** A document of JSON Schema (2020-12), which is what OpenAPI 3.1 describes data with. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const flag = { type: "boolean" };
/** What `moment` in documents.ts writes. */
const moment = { type: "string", format: "date-time" };
const momentOrNull = { type: ["string", "null"], format: "date-time" };
const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });

/** Every property is there in every answer, and nothing else is. */
function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

const entry = {
  name: { ...text, description: "Stays the same as long as the entry does" },
  type: { enum: ["image", "repository", "registry"] },
  source: text,
  target: text,
  schedule: { ...text, description: 'The cron text, "@every 1h" for an interval, "" for neither' },
  phase: { enum: ["idle", "waiting", "running", "leaving", "unscheduled", "refused"] },
  health: { enum: ["ok", "trouble", "pending"], description: "pending: no run has finished yet" },
  troubles: { ...list(text), description: "What an operator should look at" },
  lastSuccessAt: momentOrNull,
  nextRunAt: momentOrNull,
  tags: { oneOf: [reference("TagCounts"), { type: "null" }], description: "null before the first finished run" },
};

const entryDetail = { ...entry, copying: list(reference("Copy")), runs: list(reference("Run")) };

/** What the answers of the API are made of. */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  Entry: object({ ...entry, copying: { ...count, description: "Images that are being copied" } }),
  EntryDetail: object(entryDetail),
  EntryList: object({ entries: list(reference("Entry")) }),
  TagCounts: object({ selected: count, inSync: count, behind: count, failed: count }),
  Copy: object({
    source: text,
    target: text,
    startedAt: moment,
    movedAt: { ...moment, description: "When a byte moved last" },
    bytes: count,
    totalBytes: count,
    bytesPerSecond: count,
  }),
  Run: object({
    id: text,
    entry: text,
    trigger: { enum: ["start", "schedule", "api", "once"] },
    startedAt: moment,
    endedAt: momentOrNull,
    outcome: {
      enum: ["success", "noop", "partial", "failed", "canceled", "skipped_overlap", null],
      description: "null while it is going on",
    },
    copied: count,
    unchanged: count,
    skipped: count,
    failed: count,
    bytes: count,
    errors: list(object({ code: text, message: text })),
  }),
  RunList: object({ runs: list(reference("Run")) }),
  Accepted: object({ entry: text, result: { enum: ["started", "canceled"] } }),
  Reload: {
    oneOf: [
      object({ result: { const: "unchanged" } }),
      object({ result: { const: "reloaded" }, added: count, removed: count, changed: count }),
    ],
  },
  Health: {
    oneOf: [reference("HealthVerdict"), reference("HealthReport")],
    description: "Without the token, when there is one, only the verdict",
  },
  HealthVerdict: object({ status: { enum: ["ok", "degraded", "failing"] } }),
  HealthReport: object({
    status: { enum: ["ok", "degraded", "failing"] },
    startedAt: moment,
    ready: flag,
    checks: { type: "object", additionalProperties: text },
    config: object({ hash: text, loadedAt: moment, rejected: { type: ["string", "null"] } }),
    summary: object({ entries: count, ok: count, trouble: count, pending: count, running: count, tagsBehind: count }),
    entries: { oneOf: [list(reference("Entry")), list(reference("EntryDetail"))] },
  }),
  Problem: object({ type: text, title: text, status: count, detail: text }),
};
