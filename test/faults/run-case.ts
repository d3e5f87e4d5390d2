import { runOnce } from "../../src/app.ts";
import { systemClock } from "../../src/base/clock.ts";
import { reportJson } from "../../src/cli/report-json.ts";
import { loadPlan } from "../../src/config/load.ts";
import { createLog } from "../../src/observe/create-log.ts";
import { levels } from "../../src/observe/level.ts";
import { noProgress } from "../../src/observe/progress.ts";
import type { ImageResult, RunReport } from "../../src/sync/outcome.ts";
import type { FakeHost } from "../support/fake-registry/host.ts";
import { refusal } from "../support/fake-registry/replies.ts";
import { fastClock } from "../support/fast-clock.ts";
import { planWorld } from "../support/plan-world.ts";
import { pushRepository } from "../support/plain-client.ts";
import { type Holdings, readHoldings } from "../support/whole-images.ts";
import { content, repositoryOf, tag } from "./content.ts";
import { type Fault, signedSecret } from "./faults.ts";
import type { Kind } from "./kinds.ts";
import type { Stage } from "./stage.ts";
import { secrets, type Surroundings, surround, wantedDigests } from "./surroundings.ts";

/** Whether a fault happens to the first request it is aimed at, or to every one. */
export type Persistence = "once" | "always";

/** What HEADs and blobs travel on: lanes of their own, as usual, or the connections of everything else. */
export type Lane = "own" | "undici";

/** From which size blobs travel on their own lane here, in bytes: the layer that faults are aimed at, and its pieces. */
const laneFromBytes: Readonly<Record<Lane, number>> = { own: 65_536, undici: Number.POSITIVE_INFINITY };

/** One cell of the matrix. `fault` is `undefined` for the run that everything is compared with. */
export interface Case {
  readonly kind: Kind;
  readonly lane: Lane;
  readonly fault: Fault | undefined;
  readonly persistence: Persistence;
}

/** What became of it. */
export interface Observation {
  /** What became of the image the fault was aimed at: `copied`, or the code of what failed. */
  readonly outcome: string;
  /** Requests of the kind that were sent, to wherever. */
  readonly requests: number;
  /** Everything that must never be, in words: lost, leaked, hung, or another image that came to harm. */
  readonly lost: readonly string[];
  readonly leaked: readonly string[];
  readonly hung: readonly string[];
  readonly harmed: readonly string[];
  /** The program's own log, for who looks into a case. */
  readonly log: string;
}

/** Time runs so many times as fast. */
const haste = 50;
/**
 * A run that takes longer does not end by itself. The longest that does is told of a stall 43 times: four uploads of one
 * blob, each of which finds its place again ten times.
 */
const hangMs = 300_000;
/** In seconds of the hasty clock: for faults that are told by time, and for all others. */
const shortLimitSeconds = 120;
const longLimitSeconds = 3_600;
/** How long a host is gone that comes back, in milliseconds of the real clock: less than the retries go on. */
const outageMs = 15;

/** Everything is asked for, and everything is reported. */
export const onePass = {
  action: "copy",
  abortOnError: false,
  listUnchanged: true,
  full: false,
  stateDir: "",
  strict: false,
  laneFromBytes: laneFromBytes.own,
} as const;

let lastCase = 0;

/** Plays one case: a run with the fault, a look at the target, and another run without it, which puts all right. */
export async function runCase(stage: Stage, { kind, lane, fault, persistence }: Case): Promise<Observation> {
  lastCase += 1;
  const prefix = `case-${lastCase}`;
  await pushRepository(stage.target, `${prefix}/app`, repositoryOf(content.before));
  await using around = await surround(stage, kind.scene, prefix);
  const text = around.config(fault?.stalls === true ? shortLimitSeconds : longLimitSeconds);
  const stops = script(around, kind, fault, persistence);
  const lines: string[] = [];

  const first = await mirror(text, lane, lines);
  const requests = meantHost(around, kind).count(kind.matches) + around.elsewhere.count();
  const afterFirst = await holdingsOf(stage, prefix);
  stops.abort();
  await Promise.all([around.source, around.target, around.tokens.host].map((host) => host.comeBack()));
  const second = await mirror(text, lane, lines);
  const isQuiet = second.report?.images.every(({ outcome }) => outcome.kind === "unchanged") === true;
  const afterSecond = isQuiet ? afterFirst : await holdingsOf(stage, prefix);

  const wanted = wantedDigests(kind.scene);
  const shown = lines.join("");
  return {
    outcome: outcomeOf(first),
    requests,
    lost: [
      ...brokenIn(afterFirst),
      ...brokenIn(afterSecond),
      ...strayTags(afterFirst, wanted),
      ...missedTags(afterSecond, wanted),
      ...(second.report === undefined || failuresIn(second.report).length > 0
        ? [`a run without the fault does not put it right: ${failuresIn(second.report).join("; ")}`]
        : []),
    ],
    leaked: leaksIn(shown, around),
    hung: [first, second].flatMap(({ report }, at) => (report === undefined ? [`run ${at + 1} did not end`] : [])),
    harmed: harmIn(first, isHostWide({ kind, lane, fault, persistence })),
    log: shown,
  };
}

/** Writes the fault, and what makes the request necessary, over the hosts. Aborted when the fault is over. */
function script(around: Surroundings, kind: Kind, fault: Fault | undefined, persistence: Persistence): AbortController {
  const over = new AbortController();
  const host = meantHost(around, kind);
  if (fault !== undefined) {
    const { elsewhere, challenge } = around;
    const handler = fault.play({ host, elsewhere, challenge, outageMs: persistence === "once" ? outageMs : undefined });
    const matches: Kind["matches"] = (request) => !over.signal.aborted && kind.matches(request);
    if (persistence === "once") host.times(fault.requests, matches, handler);
    else host.on(matches, handler);
  }
  const error = refusal(500, "UNKNOWN", "unknown error");
  switch (kind.scene.before) {
    case "refused mount":
      around.target.on(
        ({ method, query }) => method === "POST" && query.has("mount"),
        refusal(405, "UNSUPPORTED", "no mounts"),
      );
      break;
    case "refused login":
      around.target.once(
        ({ path, headers }) => path.endsWith(`/app/manifests/${tag}`) && headers.authorization !== undefined,
        refusal(401, "UNAUTHORIZED", "no", { "www-authenticate": 'Basic realm="fake"' }),
      );
      break;
    case "broken piece":
      around.target.once(({ headers }) => headers["content-range"]?.startsWith("65536-") === true, error);
      break;
    case "broken upload":
      around.target.once(({ method, query }) => method === "PUT" && query.get("digest") === content.layer, error);
      break;
    case undefined:
  }
  return over;
}

function meantHost(around: Surroundings, { side }: Kind): FakeHost {
  return side === "tokens" ? around.tokens.host : around[side];
}

interface Pass {
  /** `undefined` when it did not end. */
  readonly report: RunReport | undefined;
}

async function mirror(text: string, lane: Lane, lines: string[]): Promise<Pass> {
  const clock = fastClock(haste);
  const log = createLog({
    format: "text",
    level: levels.trace,
    write: (line) => void lines.push(line),
    now: () => clock.now(),
  });
  const loaded = loadPlan(text, "regsync.yml", planWorld());
  if (loaded.kind === "refused") throw new Error(loaded.complaints.map(({ message }) => message).join("\n"));
  const stopping = new AbortController();
  const surroundings = { env: {}, clock, log, progress: noProgress, signal: stopping.signal };
  const running = runOnce(loaded.plan, { ...onePass, laneFromBytes: laneFromBytes[lane] }, surroundings);
  const hang = Promise.withResolvers<undefined>();
  using _alarm = systemClock.after(hangMs, () => hang.resolve(undefined));
  const report = await Promise.race([running, hang.promise]);
  if (report === undefined) {
    stopping.abort();
    running.catch(() => undefined);
  } else {
    lines.push(...reportJson(report));
  }
  return { report };
}

type Repositories = Readonly<Record<"app" | "neighbour" | "beside", Holdings>>;

async function holdingsOf(stage: Stage, prefix: string): Promise<Repositories> {
  const [app, neighbour, beside] = await Promise.all(
    (["app", "neighbour", "beside"] as const).map((name) => readHoldings(stage.target, `${prefix}/${name}`)),
  );
  const none: Holdings = { tags: {}, broken: [] };
  return { app: app ?? none, neighbour: neighbour ?? none, beside: beside ?? none };
}

function brokenIn(holdings: Repositories): string[] {
  return Object.values(holdings).flatMap(({ broken }) => broken);
}

/** After a fault the tag of the image is what it was or what it is to be, and nothing else is half there. */
function strayTags({ app }: Repositories, wanted: Readonly<Record<string, string>>): string[] {
  const now = app.tags[tag];
  return now === content.before.digest || now === wanted["app"] ? [] : [`app:${tag} names ${now ?? "nothing"}`];
}

function missedTags(holdings: Repositories, wanted: Readonly<Record<string, string>>): string[] {
  return Object.entries(holdings).flatMap(([name, { tags }]) =>
    tags[tag] === wanted[name] ? [] : [`${name}:${tag} names ${tags[tag] ?? "nothing"} after a run without the fault`],
  );
}

function resultsOf(report: RunReport, repository: string): readonly ImageResult[] {
  return report.images.filter(({ target }) => target.endsWith(`/${repository}:${tag}`));
}

function outcomeOf({ report }: Pass): string {
  if (report === undefined) return "hung";
  const [first] = resultsOf(report, "app");
  const failure = report.failures.find(({ entry }) => entry === 0)?.failure;
  if (failure !== undefined) return failure.code;
  if (first === undefined) return "nothing";
  return first.outcome.kind === "failed" ? first.outcome.failure.code : first.outcome.kind;
}

function failuresIn(report: RunReport | undefined): string[] {
  if (report === undefined) return ["it did not end"];
  const images = report.images.flatMap(({ target, outcome }) =>
    outcome.kind === "failed" ? [`${target}: ${outcome.failure.message}`] : [],
  );
  return [...images, ...report.failures.map(({ failure }) => failure.message)];
}

/** Whether everything else on the host has to suffer too: it is gone, wants to be left alone, or lets nobody in. */
function isHostWide({ kind, fault, persistence }: Case): boolean {
  if (fault === undefined) return false;
  if (fault.effect.kind === "passing" && fault.effect.code === "REGISTRY_THROTTLED") return true;
  if (kind.hostWide && (persistence === "always" || fault.effect.kind !== "passing")) return true;
  return fault.takesHostDown && persistence === "always";
}

/** Images that the fault was not aimed at, and that were not copied all the same. */
function harmIn({ report }: Pass, hostWide: boolean): string[] {
  if (report === undefined) return [];
  const names = hostWide ? ["beside"] : ["neighbour", "beside"];
  return names.flatMap((name) => {
    const [result] = resultsOf(report, name);
    if (result?.outcome.kind === "copied") return [];
    const why =
      result?.outcome.kind === "failed" ? result.outcome.failure.message : (result?.outcome.kind ?? "nothing");
    return [`${name} was not copied: ${why}`];
  });
}

function leaksIn(shown: string, { elsewhere, tokens }: Surroundings): string[] {
  const kept = [
    secrets.password,
    secrets.identityToken,
    signedSecret,
    basic,
    ...tokens.issued.map(({ token }) => token),
  ];
  const printed = kept.filter((secret) => shown.includes(secret)).map((secret) => `${secret} was printed`);
  const given = elsewhere
    .requests()
    .filter(({ headers }) => headers.authorization !== undefined || headers.cookie !== undefined)
    .map(({ method, path }) => `${method} ${path} brought a login to another host`);
  return [...printed, ...given];
}

const basic = Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64");
