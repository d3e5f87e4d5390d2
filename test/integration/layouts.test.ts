import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { makeFixture, writeRepositoryAsLayout } from "../support/fixture-repository.ts";
import { readFiles, readLayout } from "../support/layout-state.ts";
import { readTags } from "../support/plain-client.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { skopeoCopy, skopeoDigest } from "../support/skopeo.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

const fixture = makeFixture();
const allTags = Object.fromEntries(fixture.repository.tags);

function mirrorOf(source: string, target: string, more: object = {}): string {
  return configText({ sync: [{ source, target, type: "repository", ...more }] });
}

describe.skipIf(!haveTools("dockerRegistry"))("from a layout to a registry and back", () => {
  test("every tag arrives with its digest, and every blob with its content", async () => {
    await using folder = await makeTempFolder("layouts");
    await using registry = await startDockerRegistry();
    await writeRepositoryAsLayout(join(folder.path, "first"), fixture.repository);
    const creds = [registry.access];
    const there = { source: "ocidir://first", target: `${registry.host}/app`, type: "repository" };
    const back = { source: `${registry.host}/app`, target: "ocidir://second", type: "repository" };

    const sent = await runProgram(["once"], { config: configText({ creds, sync: [there] }), cwd: folder.path });
    const fetched = await runProgram(["once"], { config: configText({ creds, sync: [back] }), cwd: folder.path });

    expect([sent.exit, fetched.exit], sent.stderr + fetched.stderr).toEqual([0, 0]);
    expect(await readTags(registry.host, "app")).toEqual(allTags);
    const state = await readLayout(join(folder.path, "second"));
    expect(state.tags).toEqual(allTags);
    expect({ damaged: state.damaged, strangers: state.strangers }).toEqual({ damaged: [], strangers: [] });
  });
});

describe.skipIf(!haveTools("skopeo"))("skopeo, given a layout that was written", () => {
  test("finds the same digests and can copy every image with all its platforms", async () => {
    await using folder = await makeTempFolder("layouts");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);

    const tags = { allow: ["v.*", "b.*"] };
    const result = await runProgram(["once"], {
      config: mirrorOf("ocidir://source", "ocidir://target", { tags }),
      cwd: folder.path,
    });

    expect(result.exit, result.stderr).toBe(0);
    for (const tag of ["v1", "v2", "v3", "b1", "b2", "b3"]) {
      const written = { address: `oci:${folder.path}/target:${tag}` };
      expect(await skopeoDigest(written)).toBe(allTags[tag]);
      await skopeoCopy(written, { address: `oci:${folder.path}/copy:${tag}` });
      expect(await skopeoDigest({ address: `oci:${folder.path}/copy:${tag}` })).toBe(allTags[tag]);
    }
  });
});

describe("a layout as target", () => {
  test("a second run changes no file of it", async () => {
    await using folder = await makeTempFolder("layouts");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    const config = mirrorOf("ocidir://source", "ocidir://target");
    const first = await runProgram(["once"], { config, cwd: folder.path });
    const before = await readFiles(join(folder.path, "target"));

    const second = await runProgram(["once"], { config, cwd: folder.path });

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(await readFiles(join(folder.path, "target"))).toEqual(before);
  });

  test("its files can be read by everybody the umask lets", async () => {
    await using folder = await makeTempFolder("layouts");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);

    const config = mirrorOf("ocidir://source", "ocidir://target", { tags: { allow: ["v1"] } });
    const result = await runProgram(["once"], { config, cwd: folder.path });

    expect(result.exit, result.stderr).toBe(0);
    const index = await stat(join(folder.path, "target", "index.json"));
    const blob = await stat(join(folder.path, "target", "blobs", ...fixture.v1.digest.split(":")));
    const expected = 0o644 & ~process.umask();
    expect([index.mode & 0o777, blob.mode & 0o777]).toEqual([expected, expected]);
  });

  test("two processes that write to it at once leave what both wrote", async () => {
    await using folder = await makeTempFolder("layouts");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    const start = (tags: readonly string[]) =>
      startProgram(["once"], {
        config: mirrorOf("ocidir://source", "ocidir://target", { tags: { allow: tags } }),
        cwd: folder.path,
      });

    await using left = await start(["v.*"]);
    await using right = await start(["b.*", "a.*"]);
    const results = await Promise.all([left.ended, right.ended]);

    expect(
      results.map(({ exit }) => exit),
      results.map(({ stderr }) => stderr).join(""),
    ).toEqual([0, 0]);
    const state = await readLayout(join(folder.path, "target"));
    expect(
      Object.keys(state.tags)
        .filter((tag) => /^[vab]/.test(tag))
        .sort(),
    ).toEqual(["a1", "a2", "a3", "ai", "b1", "b2", "b3", "v1", "v2", "v3"]);
    expect({ damaged: state.damaged, strangers: state.strangers }).toEqual({ damaged: [], strangers: [] });
    for (const tag of ["v3", "b3", "ai"]) expect(state.blobs).toContain(state.tags[tag]);
  });
});
