import type { Log } from "../observe/log.ts";
import type { EntryStatus, ReloadResult, ServerControls, ServerStatus } from "../observe/server-status.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import { entryDetailDocument, entryDocument, runDocument } from "./documents.ts";
import type { Call, Route } from "./route.ts";

/** What the API reads from and writes to. */
export interface ApiParts {
  readonly status: ServerStatus;
  readonly controls: ServerControls;
  readonly log: Log;
}

/** Runs in one answer, when nobody says how many. */
const usualRuns = 100;

/** `/api/v1/…`: entries, their runs, and the calls that make them run. */
export function apiRoutes(parts: ApiParts): readonly Route[] {
  const entries = "/api/v1/entries";
  return [
    { method: "GET", path: entries, access: "read", answer: () => list(parts) },
    { method: "GET", path: `${entries}/{name}`, access: "read", answer: (call) => detail(parts, call) },
    { method: "POST", path: `${entries}/{name}/run`, access: "write", answer: (call) => run(parts, call) },
    { method: "POST", path: `${entries}/{name}/cancel`, access: "write", answer: (call) => cancel(parts, call) },
    { method: "GET", path: "/api/v1/runs", access: "read", answer: (call) => runs(parts, call) },
    { method: "POST", path: "/-/reload", access: "write", answer: () => reload(parts) },
  ];
}

function list({ status }: ApiParts): Answer {
  return jsonAnswer(200, { entries: status.entries().map((entry) => entryDocument(entry)) });
}

function detail({ status }: ApiParts, call: Call): Answer {
  const entry = status.entry(nameIn(call));
  return entry === undefined ? noEntry(call) : jsonAnswer(200, entryDetailDocument(entry));
}

function runs({ status }: ApiParts, { query }: Call): Answer {
  const limit = query.get("limit") ?? String(usualRuns);
  if (!/^[1-9]\d{0,4}$/.test(limit)) return problemAnswer(400, "limit is a number from 1 to 99999");
  const entry = query.get("entry");
  const wanted = status.runs().filter((each) => entry === null || each.entry === entry);
  return jsonAnswer(200, { runs: wanted.slice(0, Number(limit)).map((each) => runDocument(each)) });
}

function run({ status, controls, log }: ApiParts, call: Call): Answer {
  const entry = nameIn(call);
  if (!status.isReady) return problemAnswer(503, "no work is taken: the program is starting or stopping");
  const result = controls.run(entry);
  if (result === undefined) return noEntry(call);
  if (result === "busy")
    return problemAnswer(409, `${JSON.stringify(entry)} ${whyBusy(status.entry(entry)?.phase, entry)}`);
  log.info("Run was asked for", { entry });
  return jsonAnswer(202, { entry, result });
}

/** Why an entry that there is does not begin a run. */
function whyBusy(phase: EntryStatus["phase"] | undefined, entry: string): string {
  if (phase === "refused") return `was refused; /api/v1/entries/${encodeURIComponent(entry)} says why`;
  return phase === "leaving" ? "is not in the configuration any more" : "is running already";
}

function cancel({ controls, log }: ApiParts, call: Call): Answer {
  const entry = nameIn(call);
  const result = controls.cancel(entry);
  if (result === undefined) return noEntry(call);
  if (result === "idle") return problemAnswer(409, `${JSON.stringify(entry)} is not running`);
  log.info("Run was cancelled", { entry });
  return jsonAnswer(202, { entry, result });
}

async function reload({ controls, log }: ApiParts): Promise<Answer> {
  log.info("Reload was asked for");
  return reloadAnswer(await controls.reload());
}

function reloadAnswer(result: ReloadResult): Answer {
  switch (result.kind) {
    case "unchanged":
      return jsonAnswer(200, { result: "unchanged" });
    case "reloaded": {
      const { added, removed, changed } = result;
      return jsonAnswer(200, { result: "reloaded", added, removed, changed });
    }
    case "rejected":
      return problemAnswer(422, result.message);
    case "stopping":
      return problemAnswer(503, "no work is taken: the program is stopping");
  }
}

function nameIn({ parameters }: Call): string {
  return parameters.get("name") ?? "";
}

function noEntry(call: Call): Answer {
  return problemAnswer(404, `there is no entry ${JSON.stringify(nameIn(call))}; /api/v1/entries lists them`);
}
