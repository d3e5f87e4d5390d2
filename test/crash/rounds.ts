import { join } from "node:path";
import { configText } from "../support/config-text.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { withFallbackLists } from "../support/fixture-repository.ts";
import { makeImage, makeIndex, makeSignature } from "../support/images.ts";
import { pushRepository } from "../support/plain-client.ts";
import { type ProgramResult, startProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { Moments, startTripwire } from "../support/tripwire.ts";
import { layoutTarget, registryTarget, type Target } from "./targets.ts";

/** What is mirrored: images with parts in common, small and large, an index, a signature. */
const base = makeImage({ seed: 1, layerBytes: [120_000, 3_000] });
const large = makeImage({ seed: 2, layerBytes: [2_500_000, 50_000] });
const several = makeIndex([base, makeImage({ seed: 3, layerBytes: [80_000] })]);
const content = new StoredRepository();
content.add(base, "base");
content.add(large, "large");
content.add(several, "several");
content.add(makeImage({ seed: 4, layerBytes: [1_000, 1_000, 1_000] }), "small");
content.add(makeSignature(large));
const mirrored = withFallbackLists(content);

/** Where the program mirrors to, and whether it keeps a memory meanwhile. */
export interface Course {
  readonly target: "registry" | "layout";
  readonly withState: boolean;
}

/** What a round came to. */
export interface Round {
  /** Runs that were ended by force, which may be fewer than were to be: some were through before their moment. */
  readonly kills: number;
  /** What was wrong after a kill or at the end, in words; empty when nothing was. */
  readonly faults: readonly string[];
}

/** Registries, and what stands between them and the program. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly source: string;
  readonly target: string;
  /** In front of the target's registry. */
  readonly record: RecordingProxy;
  /** Of bytes that pass between the program and either registry. */
  readonly moments: Moments;
}

/** Starts two real registries, one of them filled. */
export async function startStage(): Promise<Stage> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await makeTempFolder("crash"));
  const behindSource = started.use(await startDockerRegistry());
  const behindTarget = started.use(await startDockerRegistry());
  await pushRepository(behindSource.host, "app", mirrored);
  const moments = new Moments();
  const record = started.use(await startRecordingProxy(behindTarget.host));
  const source = started.use(await startTripwire(behindSource.host, moments));
  const target = started.use(await startTripwire(record.host, moments));
  const kept = started.move();
  return {
    folder: folder.path,
    source: source.host,
    target: target.host,
    record,
    moments,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** How many moments a run has that nothing disturbs. */
export async function measure(stage: Stage, course: Course, name: string): Promise<number> {
  const result = await run(stage, course, openTarget(stage, course, name), Number.POSITIVE_INFINITY);
  if (result.exit !== 0) throw new Error(`an undisturbed run ended with ${result.exit}:\n${result.stderr}`);
  return stage.moments.passed;
}

/**
 * Kills one run at each of these moments, each going on where the one before was stopped, and lets the last one end;
 * `name` is of the place that is written to, a new one. After every run the target is read by other means.
 */
export async function playRound(
  stage: Stage,
  course: Course,
  name: string,
  moments: readonly number[],
): Promise<Round> {
  stage.record.forget();
  const target = openTarget(stage, course, name);
  const faults: string[] = [];
  let kills = 0;
  for (const moment of moments) {
    const { exit, stderr } = await run(stage, course, target, moment);
    if (exit === null) kills += 1;
    else if (exit !== 0) faults.push(`a run that was to be killed ended with ${exit}: ${stderr}`);
    const { broken } = await target.read();
    faults.push(...broken.map((fault) => `after a kill at moment ${moment}: ${fault}`));
  }
  faults.push(...(await target.readElsewhere()));
  const last = await run(stage, course, target, Number.POSITIVE_INFINITY);
  if (last.exit !== 0) faults.push(`the last run ended with ${last.exit}: ${last.stderr}`);
  const { tags, broken } = await target.read();
  faults.push(...broken, ...(await target.readElsewhere()), ...differences(tags), ...storedTwice(stage.record));
  return { kills, faults };
}

function openTarget(stage: Stage, course: Course, name: string): Target {
  return course.target === "registry"
    ? registryTarget(stage.target, stage.record.host, name)
    : layoutTarget(stage.folder, name);
}

/** Runs the program, and kills it when this moment comes. */
async function run(stage: Stage, course: Course, target: Target, moment: number): Promise<ProgramResult> {
  const hosts = [stage.source, stage.target].map((registry) => ({ registry, tls: "disabled" as const }));
  const entry = { source: `${stage.source}/app`, target: target.address, type: "repository", referrers: true };
  const killing = Promise.withResolvers<void>();
  stage.moments.await(moment, killing.resolve);
  await using program = await startProgram(["once"], {
    config: configText({ creds: hosts, sync: [entry] }),
    cwd: stage.folder,
    env: course.withState ? { REGSYNC_STATE_DIR: join(stage.folder, "state") } : {},
  });
  await Promise.race([killing.promise, program.ended]);
  if (stage.moments.passed >= moment) program.signal("SIGKILL");
  return await program.ended;
}

/** What the target's tags are that the source's are not. */
function differences(tags: Readonly<Record<string, string>>): string[] {
  const names = new Set([...mirrored.tags.keys(), ...Object.keys(tags)]);
  return [...names]
    .filter((name) => mirrored.tags.get(name) !== tags[name])
    .filter((name) => !name.startsWith("sha256-")) // lists of referrers are written anew by each side
    .map((name) => `the tag ${name} is ${tags[name] ?? "missing"}`);
}

/** Blobs that the registry took although it had them: what was finished once is not sent again. */
function storedTwice({ requests }: RecordingProxy): string[] {
  const stored = requests
    .filter(({ method, status }) => method === "PUT" && status === 201)
    .flatMap(({ path }) => /\/blobs\/uploads\/.*[?&]digest=([^&]+)/.exec(path)?.[1] ?? []);
  return stored
    .filter((digest, position) => stored.indexOf(digest) !== position)
    .map((digest) => `${digest} was sent twice`);
}
