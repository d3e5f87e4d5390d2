import { describe, expect } from "vitest";
import { configText } from "../support/config-text.ts";
import { fallbackTagOf, makeFixture } from "../support/fixture-repository.ts";
import { sbomType } from "../support/images.ts";
import { parseLog } from "../support/log-lines.ts";
import { pushManifest, pushRepository, readDigest, readFallbackList, readTags } from "../support/plain-client.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { type RealRegistry, startDockerRegistry } from "../support/real-registry.ts";
import { testOn } from "../support/shared.ts";
import { haveTools } from "../support/tools.ts";

// What people rely on in regclient's regsync, on a real registry without the referrers API. Spec: regsync.md §11.

const fixture = makeFixture();

/** One registry to read from and write to; every test writes to repositories of its own. */
const test = testOn(async () => {
  const registry = await startDockerRegistry();
  await pushRepository(registry.host, "fixture", fixture.repository);
  await pushRepository(registry.host, "external", fixture.external);
  return registry;
});

type Entry = Readonly<Record<string, unknown>>;

async function sync(
  registry: RealRegistry,
  args: readonly string[],
  ...entries: readonly Entry[]
): Promise<ProgramResult> {
  const config = configText({ creds: [registry.access], sync: entries });
  return await runProgram([...args, "--logopt", "json"], { config });
}

/** An entry that copies one image of the fixture to `<repository>:<tag>`. */
function imageEntry({ host }: RealRegistry, tag: string, target: string, more: Entry = {}): Entry {
  return { source: `${host}/fixture:${tag}`, target: `${host}/${target}`, type: "image", ...more };
}

/** An entry that copies the tags of the fixture that `more` lets through. */
function repositoryEntry({ host }: RealRegistry, target: string, more: Entry = {}): Entry {
  return { source: `${host}/fixture`, target: `${host}/${target}`, type: "repository", ...more };
}

/** Puts an image of the fixture under some tag of another repository, as an earlier run would have. */
async function seed(registry: RealRegistry, target: string, tag: string): Promise<void> {
  const [repository = "", name = ""] = target.split(":");
  const result = await sync(registry, ["once"], imageEntry(registry, tag, `${repository}:${name}`));
  expect(result.exit, result.stderr).toBe(0);
}

async function has({ host }: RealRegistry, repository: string, digest: string): Promise<boolean> {
  return (await readDigest(host, repository, digest)) !== undefined;
}

/** The tags of a repository, without those that only list referrers. */
async function plainTags({ host }: RealRegistry, repository: string): Promise<Record<string, string>> {
  const tags = await readTags(host, repository);
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => !/^sha256-[0-9a-f]{64}$/.test(tag)));
}

function fixtureTags(...names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, fixture.repository.tags.get(name as never)]));
}

describe.skipIf(!haveTools("dockerRegistry"))("as with regsync", () => {
  test("missing copies an absent image with every platform, and nothing of other images", async ({
    stage: registry,
  }) => {
    const result = await sync(registry, ["once", "--missing"], imageEntry(registry, "v1", "absent:v1"));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "absent")).toEqual({ v1: fixture.v1.digest });
    for (const digest of fixture.v1.manifests.keys()) expect(await has(registry, "absent", digest)).toBe(true);
    for (const other of [fixture.v2, fixture.a1, fixture.a2]) {
      expect(await has(registry, "absent", other.digest)).toBe(false);
    }
  });

  test("a repository without filters is copied with every tag, each with its digest", async ({ stage: registry }) => {
    const result = await sync(registry, ["once"], repositoryEntry(registry, "whole"));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "whole")).toEqual(Object.fromEntries(fixture.repository.tags));
  });

  test("a read-only target refuses with its status, and nothing more is tried when errors abort", async ({
    stage: registry,
  }) => {
    await using readOnly = await startDockerRegistry({ readOnly: true });
    const refused = (tag: string): Entry => ({
      ...imageEntry(registry, tag, ""),
      target: `${readOnly.host}/mirror:${tag}`,
    });
    const config = configText({ creds: [registry.access, readOnly.access], sync: [refused("v1"), refused("v2")] });

    const result = await runProgram(["once", "--abort-on-error", "--logopt", "json"], { config });

    expect(result.exit).toBe(1);
    const errors = parseLog(result.stderr).filter((line) => line.level === "ERROR");
    expect(JSON.stringify(errors)).toMatch(/405/);
    expect(JSON.stringify(errors)).toContain("mirror:v1");
    expect(result.stderr).not.toContain("mirror:v2");
  });

  test("a tag moves to a new image, without its signature and SBOM when nobody asked for them", async ({
    stage: registry,
  }) => {
    await seed(registry, "moves:latest", "v1");

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "moves:latest"));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "moves")).toEqual({ latest: fixture.v2.digest });
    expect(await has(registry, "moves", fixture.a1.digest)).toBe(false);
    expect(await has(registry, "moves", fixture.a2.digest)).toBe(false);
  });

  test("fastCheck copies nothing when the digest is equal, referrers and digest tags or not", async ({
    stage: registry,
  }) => {
    await seed(registry, "fast:v2", "v2");
    const all = { fastCheck: true, referrers: true, digestTags: true };

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "fast:v2", all));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "fast")).toEqual({ v2: fixture.v2.digest });
    expect(await has(registry, "fast", fixture.a1.digest)).toBe(false);
  });

  test("check changes nothing at a stale target, and is no failure", async ({ stage: registry }) => {
    await seed(registry, "checked:v2", "v1");

    const result = await sync(registry, ["check"], imageEntry(registry, "v2", "checked:v2"));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "checked")).toEqual({ v2: fixture.v1.digest });
    expect(parseLog(result.stderr)).toContainEqual(
      expect.objectContaining({ level: "INFO", msg: "Image sync needed", target: `${registry.host}/checked:v2` }),
    );
  });

  test("missing leaves an existing image alone, though it is another one", async ({ stage: registry }) => {
    await seed(registry, "present:v2", "v1");

    const entry = imageEntry(registry, "v2", "present:v2", { referrers: true });
    const result = await sync(registry, ["once", "--missing"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "present")).toEqual({ v2: fixture.v1.digest });
    expect(await has(registry, "present", fixture.a1.digest)).toBe(false);
  });

  test("allow names tags, and one that does not exist is no failure", async ({ stage: registry }) => {
    const entry = repositoryEntry(registry, "allowed", { tags: { allow: ["v1", "v3", "latest"] } });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "allowed")).toEqual(fixtureTags("v1", "v3"));
  });

  test("deny takes out of what is allowed", async ({ stage: registry }) => {
    const entry = repositoryEntry(registry, "denied", { tags: { allow: ["v.*"], deny: ["v2", "old"] } });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "denied")).toEqual(fixtureTags("v1", "v3"));
  });

  test("a version range takes versions alone, whatever else the repository has", async ({ stage: registry }) => {
    const entry = repositoryEntry(registry, "ranged", { tags: { semverRange: [">=v2"] } });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "ranged")).toEqual(fixtureTags("v2", "v3"));
  });

  test("a tag set takes what its patterns match", async ({ stage: registry }) => {
    const entry = repositoryEntry(registry, "sets", { tagSets: [{ allow: ["a.*", "loop"] }] });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await plainTags(registry, "sets")).toEqual(fixtureTags("a1", "a2", "a3", "ai", "loop"));
  });

  test("missing adds to a repository only the tags it lacks", async ({ stage: registry }) => {
    await seed(registry, "gaps:v1", "b1");
    await seed(registry, "gaps:v1.1", "b2");
    await seed(registry, "gaps:v3", "v3");
    const entry = repositoryEntry(registry, "gaps", { tags: { allow: ["v1", "v2", "v3", "latest"] } });

    const result = await sync(registry, ["once", "--missing"], entry);

    expect(result.exit, result.stderr).toBe(0);
    const { b1, b2 } = fixtureTags("b1", "b2");
    expect(await readTags(registry.host, "gaps")).toEqual({ ...fixtureTags("v2", "v3"), v1: b1, "v1.1": b2 });
  });

  test("digestTags brings the tags named after the image's digest", async ({ stage: registry }) => {
    const entry = imageEntry(registry, "v1", "digest-tags:v1", { digestTags: true });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "digest-tags")).toEqual(fixtureTags("v1", fixture.digestTag));
  });

  test("referrers brings signature and SBOM of an absent image, listed under its fallback tag", async ({
    stage: registry,
  }) => {
    const entry = imageEntry(registry, "v2", "referred:v2", { referrers: true, fastCheck: true });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readDigest(registry.host, "referred", "v2")).toBe(fixture.v2.digest);
    for (const digest of fixture.v2.manifests.keys()) expect(await has(registry, "referred", digest)).toBe(true);
    expect(await readFallbackList(registry.host, "referred", fallbackTagOf(fixture.v2.digest))).toEqual(
      [fixture.a1.digest, fixture.a2.digest].sort(),
    );
  });

  test("a filter brings the SBOM and leaves the signature", async ({ stage: registry }) => {
    const filters = { referrers: true, referrerFilters: [{ artifactType: sbomType }] };

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "filtered:v2", filters));

    expect(result.exit, result.stderr).toBe(0);
    expect(await has(registry, "filtered", fixture.a1.digest)).toBe(true);
    expect(await has(registry, "filtered", fixture.a2.digest)).toBe(false);
  });

  test("referrerSource brings the referrers of another repository, and not those beside the image", async ({
    stage: registry,
  }) => {
    const elsewhere = { referrers: true, referrerSource: `${registry.host}/external` };

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "sourced:v2", elsewhere));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readFallbackList(registry.host, "sourced", fallbackTagOf(fixture.v2.digest))).toEqual(
      fixture.externalSboms.map(({ digest }) => digest).sort(),
    );
    expect(await has(registry, "sourced", fixture.a1.digest)).toBe(false);
  });

  test("referrerTarget puts referrers into another repository, and none beside the image", async ({
    stage: registry,
  }) => {
    const elsewhere = {
      referrers: true,
      referrerSource: `${registry.host}/external`,
      referrerTarget: `${registry.host}/signatures`,
    };

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "plain:v2", elsewhere));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "plain")).toEqual({ v2: fixture.v2.digest });
    for (const { digest } of fixture.externalSboms) {
      expect(await has(registry, "signatures", digest)).toBe(true);
      expect(await has(registry, "plain", digest)).toBe(false);
    }
  });

  test("backup keeps the replaced image under another tag", async ({ stage: registry }) => {
    await seed(registry, "kept:latest", "v1");

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "kept:latest", { backup: "old" }));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "kept")).toEqual({ latest: fixture.v2.digest, old: fixture.v1.digest });
  });

  test("backup with a whole reference keeps the replaced image in another repository", async ({ stage: registry }) => {
    await seed(registry, "replaced:latest", "v1");
    const backup = "{{ .Ref.Registry }}/backups/{{ .Ref.Repository }}:{{ .Ref.Tag }}";

    const result = await sync(registry, ["once"], imageEntry(registry, "v2", "replaced:latest", { backup }));

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "replaced")).toEqual({ latest: fixture.v2.digest });
    expect(await readTags(registry.host, "backups/replaced")).toEqual({ latest: fixture.v1.digest });
  });

  test("a digest tag that names its own image is copied, and the copy ends", async ({ stage: registry }) => {
    const entry = imageEntry(registry, "mirror", "mirrored:mirror", { digestTags: true });

    const result = await sync(registry, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(registry.host, "mirrored")).toEqual(fixtureTags("mirror", fixture.mirrorTag));
  });

  test("an index that refers to its own child is copied, and the copy ends", async ({ stage: registry }) => {
    const result = await sync(registry, ["once"], imageEntry(registry, "loop", "looped:loop", { referrers: true }));

    expect(result.exit, result.stderr).toBe(0);
    expect(await plainTags(registry, "looped")).toEqual(fixtureTags("loop"));
    expect(await has(registry, "looped", fixture.child.digest)).toBe(true);
    expect(await readFallbackList(registry.host, "looped", fallbackTagOf(fixture.child.digest))).toEqual([
      fixture.loop.digest,
    ]);
  });

  test("a loop is copied from its other end too", async ({ stage: registry }) => {
    const result = await sync(registry, ["once"], imageEntry(registry, "child", "child:child", { referrers: true }));

    expect(result.exit, result.stderr).toBe(0);
    expect(await has(registry, "child", fixture.loop.digest)).toBe(true);
    expect(await plainTags(registry, "child")).toEqual(fixtureTags("child"));
  });

  test.for([
    {
      fault: "an image that does not exist",
      entry: { source: "HOST/fixture:nope", type: "image" },
      names: "fixture:nope",
    },
    {
      fault: "a repository that does not exist",
      entry: { source: "HOST/nowhere", type: "repository" },
      names: "nowhere",
    },
    {
      fault: "a layout that does not exist",
      entry: { source: "ocidir://nowhere", type: "repository" },
      names: "nowhere",
    },
    {
      fault: "a malformed source image",
      entry: { source: "Not/A Reference", type: "image" },
      names: "Not/A Reference",
    },
    { fault: "a malformed source repository", entry: { source: "a//b", type: "repository" }, names: "a//b" },
    { fault: "an unknown type", entry: { source: "HOST/fixture:v1", type: "path" }, names: "path" },
  ])(
    "$fault fails its entry by name, and the next entry is done",
    async ({ fault, entry, names }, { stage: registry }) => {
      const target = `after-${fault.replaceAll(" ", "-")}`;
      const bad = {
        ...entry,
        source: entry.source.replace("HOST", registry.host),
        target: `${registry.host}/${target}${entry.type === "repository" ? "" : ":bad"}`,
      };

      const result = await sync(registry, ["once"], bad, imageEntry(registry, "b1", `${target}:good`));

      expect(result.exit).toBe(1);
      expect(result.stderr).toContain(names);
      expect(result.stderr).not.toMatch(/^\s+at /m);
      expect(await readTags(registry.host, target)).toEqual({ good: fixture.repository.tags.get("b1") });
    },
  );

  test("a malformed target fails its entry by name, and the next entry is done", async ({ stage: registry }) => {
    const bad = { source: `${registry.host}/fixture:v1`, target: `${registry.host}/UPPER:v1`, type: "image" };

    const result = await sync(registry, ["once"], bad, imageEntry(registry, "b1", "after-target:good"));

    expect(result.exit).toBe(1);
    expect(result.stderr).toContain("UPPER");
    expect(await readDigest(registry.host, "after-target", "good")).toBe(fixture.repository.tags.get("b1"));
  });

  test("an image whose tag is pushed anew is copied anew", async ({ stage: registry }) => {
    const { host } = registry;
    await pushRepository(host, "living", fixture.withoutLists);
    const entry = { source: `${host}/living:latest`, target: `${host}/followed:latest`, type: "image" };
    const point = (image: typeof fixture.v1): Promise<void> =>
      pushManifest(host, "living", "latest", image.mediaType, image.bytes);

    await point(fixture.v1);
    const first = await sync(registry, ["once"], entry);
    await point(fixture.v3);
    const second = await sync(registry, ["once"], entry);

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(await readDigest(host, "followed", "latest")).toBe(fixture.v3.digest);
  });
});
