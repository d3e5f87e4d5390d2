import { describe, expect, test as plainTest } from "vitest";
import { chooseMoments } from "../crash/moments.ts";
import { measure, playRound, type Stage, startStage } from "../crash/rounds.ts";
import { configText } from "../support/config-text.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import type { Answer } from "../support/fake-registry/reply.ts";
import { type FixtureImage, makeImage, makeSignature } from "../support/images.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { testOn } from "../support/shared.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

// A few of the moments that `npm run test:crash` tries by the hundred.

const test = testOn((): Promise<Stage> => startStage());

describe.skipIf(!haveTools("dockerRegistry", "skopeo"))("killed at any moment, and started again,", () => {
  test.for(["registry", "layout"] as const)(
    "no tag in a %s is ever without its content, and nothing that was finished is sent again",
    async (target, { stage }) => {
      const course = { target, withState: true };
      // After the first run the state directory knows where blobs are: all others mount them, and have fewer moments.
      await measure(stage, course, `${target}-first`);
      const moments = await measure(stage, course, `${target}-undisturbed`);
      expect(moments).toBeGreaterThan(50);

      for (const round of [1, 2]) {
        // What passes comes in more pieces or in fewer from run to run: the first of the moments comes in any case.
        const chosen = chooseMoments(round, 3, Math.floor(moments / 2));
        const result = await playRound(stage, course, `${target}-${round}`, chosen);

        expect(result).toEqual({ kills: expect.toSatisfy((kills: number) => kills > 0), faults: [] });
      }
    },
  );
});

const mebibyte = 1024 * 1024;
/** A layer that is sent in three stretches, of which the last is the shortest. */
const large = makeImage({ seed: 9, layerBytes: [80 * mebibyte] });
const lastStretch = `${64 * mebibyte}-${80 * mebibyte - 1}`;

interface Mirror extends AsyncDisposable {
  readonly target: FakeRegistry;
  readonly run: Parameters<typeof startProgram>[1] & object;
}

/** A source with the large image, an empty target, and a program that remembers. */
async function startMirror(image: FixtureImage): Promise<Mirror> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await makeTempFolder("remembered"));
  const source = started.use(await FakeRegistry.start());
  const target = started.use(await FakeRegistry.start({ movingLocations: true }));
  source.add("app", image, "v1");
  const creds = [source, target].map(({ name }) => ({ registry: name, tls: "disabled" as const }));
  const entry = { source: `${source.name}/app:v1`, target: `${target.name}/app:v1`, type: "image" };
  const kept = started.move();
  return {
    target,
    run: { config: configText({ creds, defaults: { stateDir: folder.path }, sync: [entry] }) },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Lets a run come as far as the last stretch of the large layer, and ends it there. */
async function endInLastStretch({ target, run }: Mirror, signal: NodeJS.Signals): Promise<void> {
  const reached = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  target.once(
    ({ headers }) => headers["content-range"] === lastStretch,
    async (exchange): Promise<Answer> => {
      await exchange.readBody(mebibyte);
      reached.resolve();
      // Nothing of it is kept: sockets may hold all of a stretch, and one that came whole would move the upload on.
      await gone.promise;
      return "reset";
    },
  );
  await using program = await startProgram(["once"], run);
  await Promise.race([reached.promise, program.ended]);
  program.signal(signal);
  await program.ended;
  gone.resolve();
}

function bytesSent({ target }: Mirror): number {
  return target.requests("PATCH *").reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
}

describe("with a state directory", () => {
  plainTest.for(["SIGKILL", "SIGTERM"] as const)(
    "a large blob goes on where it was when %s ended the program, and all but the last stretch is sent once",
    async (signal) => {
      await using mirror = await startMirror(large);
      await endInLastStretch(mirror, signal);
      mirror.target.forget();

      const result = await runProgram(["once"], mirror.run);

      expect(result.exit, result.stderr).toBe(0);
      expect(result.stderr).toContain("Upload goes on where it stopped");
      expect(bytesSent(mirror)).toBeGreaterThan(0);
      expect(bytesSent(mirror)).toBeLessThanOrEqual(16 * mebibyte);
      expect(mirror.target.repository("app").tags.get("v1")).toBe(large.digest);
    },
  );

  plainTest("a large blob starts over when the registry has forgotten it, and the log says so", async () => {
    await using mirror = await startMirror(large);
    await endInLastStretch(mirror, "SIGKILL");
    mirror.target.uploads.expire();
    mirror.target.forget();

    const result = await runProgram(["once"], mirror.run);

    expect(result.exit, result.stderr).toBe(0);
    expect(result.stderr).toContain("Upload starts over, the registry has forgotten what was sent of it");
    expect(bytesSent(mirror)).toBe(80 * mebibyte);
    expect(mirror.target.repository("app").tags.get("v1")).toBe(large.digest);
  });
});

plainTest(
  "a signature that was written, and not yet listed when the program ended, is listed by the next run",
  async () => {
    await using source = await FakeRegistry.start();
    await using target = await FakeRegistry.start({ referrers: "none" });
    const image = makeImage({ seed: 1 });
    const signature = makeSignature(image);
    source.add("app", image, "v1");
    source.add("app", signature);
    const creds = [source, target].map(({ name }) => ({ registry: name, tls: "disabled" as const }));
    const entry = { source: `${source.name}/app:v1`, target: `${target.name}/app:v1`, type: "image", referrers: true };
    const config = configText({ creds, sync: [entry] });
    const list = image.digest.replace(":", "-");
    const reached = Promise.withResolvers<void>();
    target.once(`PUT /v2/app/manifests/${list}`, (): Answer => {
      reached.resolve();
      return "reset";
    });
    {
      await using program = await startProgram(["once"], { config });
      await Promise.race([reached.promise, program.ended]);
      program.signal("SIGKILL");
      await program.ended;
    }
    expect(target.repository("app").manifests.has(signature.digest)).toBe(true);

    const result = await runProgram(["once"], { config });

    expect(result.exit, result.stderr).toBe(0);
    const listed = target.repository("app").tags.get(list) ?? expect.unreachable("there is no list");
    const { bytes } = target.repository("app").manifests.get(listed) ?? expect.unreachable("the list is not there");
    expect(Buffer.from(bytes).toString()).toContain(signature.digest);
  },
);
