import { describe, expect } from "vitest";
import { configText } from "../support/config-text.ts";
import type { StoredRepository } from "../support/fake-registry/content.ts";
import { fallbackTagOf, makeFixture, writeRepositoryAsLayout } from "../support/fixture-repository.ts";
import { sbomType } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { pushRepository, readDigest, readFallbackList, readReferrers, readTags } from "../support/plain-client.ts";
import { runProgram } from "../support/program.ts";
import { type RealRegistry, startDockerRegistry, startOlareg, startZot } from "../support/real-registry.ts";
import { testOn } from "../support/shared.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

const fixture = makeFixture();
const ofV2 = [fixture.a1.digest, fixture.a2.digest].sort();

/** Registries that have the referrers API, as far as this machine has them. */
const withApi = [
  { tool: "olareg", start: startOlareg },
  { tool: "zot", start: startZot },
] as const;

const onRegistriesWithApi = withApi
  .filter(({ tool }) => haveTools(tool))
  .map(({ tool, start }) => ({ tool, test: testOn(async () => await filled(await start(), fixture.withoutLists)) }));

const onDockerRegistry = testOn(async () => await filled(await startDockerRegistry(), fixture.repository));

async function filled(registry: RealRegistry, repository: StoredRepository): Promise<RealRegistry> {
  await pushRepository(registry.host, "fixture", repository);
  return registry;
}

describe.for(onRegistriesWithApi)("with the referrers API of $tool", ({ test }) => {
  test("referrers are found and brought, and no fallback tag is written", async ({ stage: { host, access } }) => {
    const entry = { source: `${host}/fixture:v2`, target: `${host}/listed:v2`, type: "image", referrers: true };

    const result = await runProgram(["once"], { config: configText({ creds: [access], sync: [entry] }) });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(host, "listed")).toEqual({ v2: fixture.v2.digest });
    expect(await readReferrers(host, "listed", fixture.v2.digest)).toEqual(ofV2);
  });

  test("a filter brings only what it asks for", async ({ stage: { host, access } }) => {
    const filters = { referrers: true, referrerFilters: [{ artifactType: sbomType }] };
    const entry = { source: `${host}/fixture:v2`, target: `${host}/filtered:v2`, type: "image", ...filters };

    const result = await runProgram(["once"], { config: configText({ creds: [access], sync: [entry] }) });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readReferrers(host, "filtered", fixture.v2.digest)).toEqual([fixture.a1.digest]);
  });

  test("an index that refers to its own child is brought, and the copy ends", async ({ stage: { host, access } }) => {
    const entry = { source: `${host}/fixture:loop`, target: `${host}/looped:loop`, type: "image", referrers: true };

    const result = await runProgram(["once"], { config: configText({ creds: [access], sync: [entry] }) });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readReferrers(host, "looped", fixture.child.digest)).toEqual([fixture.loop.digest]);
  });

  test("what a layout lists under a fallback tag is listed by the API afterwards", async ({
    stage: { host, access },
  }) => {
    await using folder = await makeTempFolder("referrers");
    await writeRepositoryAsLayout(`${folder.path}/source`, fixture.repository);
    const entry = { source: "ocidir://source:v2", target: `${host}/from-layout:v2`, type: "image", referrers: true };

    const result = await runProgram(["once"], {
      config: configText({ creds: [access], sync: [entry] }),
      cwd: folder.path,
    });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readReferrers(host, "from-layout", fixture.v2.digest)).toEqual(ofV2);
  });

  test("what the API lists is under a fallback tag of a layout afterwards", async ({ stage: { host, access } }) => {
    await using folder = await makeTempFolder("referrers");
    const entry = { source: `${host}/fixture:v2`, target: "ocidir://target:v2", type: "image", referrers: true };

    const result = await runProgram(["once"], {
      config: configText({ creds: [access], sync: [entry] }),
      cwd: folder.path,
    });

    expect(result.exit, result.stderr).toBe(0);
    const { tags, blobs } = await readLayout(`${folder.path}/target`);
    expect(Object.keys(tags)).toContain(fallbackTagOf(fixture.v2.digest));
    expect(blobs).toEqual(expect.arrayContaining(ofV2));
  });
});

describe.skipIf(!haveTools("dockerRegistry"))("without the referrers API", () => {
  const test = onDockerRegistry;

  test("referrers that are there already are listed beside new ones", async ({ stage: { host, access } }) => {
    const entry = { source: `${host}/fixture:v2`, target: `${host}/joined:v2`, type: "image", referrers: true };
    const only = (artifactType: string): string =>
      configText({ creds: [access], sync: [{ ...entry, referrerFilters: [{ artifactType }] }] });

    const first = await runProgram(["once"], { config: only(sbomType) });
    const second = await runProgram(["once"], { config: configText({ creds: [access], sync: [entry] }) });

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(await readFallbackList(host, "joined", fallbackTagOf(fixture.v2.digest))).toEqual(ofV2);
  });

  test("a referrer that appears later is brought by the next run, though the image is the same", async ({
    stage: { host, access },
  }) => {
    await pushRepository(host, "late", fixture.external);
    const entry = { source: `${host}/fixture:v2`, target: `${host}/later:v2`, type: "image", referrers: true };
    const config = configText({ creds: [access], sync: [entry] });
    const fromLate = configText({ creds: [access], sync: [{ ...entry, referrerSource: `${host}/late` }] });

    const first = await runProgram(["once"], { config });
    const second = await runProgram(["once"], { config: fromLate });

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    for (const { digest } of fixture.externalSboms) expect(await readDigest(host, "later", digest)).toBe(digest);
    expect(await readFallbackList(host, "later", fallbackTagOf(fixture.v2.digest))).toHaveLength(4);
  });

  test("referrers of a platform's image come along with the whole", async ({ stage: { host, access } }) => {
    const entry = { source: `${host}/fixture:v2`, target: `${host}/deep:v2`, type: "image", referrers: true };

    const result = await runProgram(["once"], { config: configText({ creds: [access], sync: [entry] }) });

    expect(result.exit, result.stderr).toBe(0);
    const lists = Object.keys(await readTags(host, "deep")).filter((tag) => tag.startsWith("sha256-"));
    expect(lists).toHaveLength(4);
  });
});
