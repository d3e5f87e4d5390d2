import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import type { Entry, Plan } from "../../src/config/plan.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { planWorld } from "../support/plan-world.ts";

function planOf(text: string, env: Readonly<Record<string, string>> = {}): Plan {
  const result = loadPlan(text, "regsync.yml", planWorld(env));
  return result.kind === "loaded" ? result.plan : expect.unreachable(JSON.stringify(result.complaints));
}

function entryOf(yaml: string, defaults = ""): Entry {
  const text = `${defaults}\nsync:\n  - {source: alpine, target: registry.example.com/alpine, type: image, ${yaml}}`;
  const planned = planOf(text).entries[0];
  return planned?.kind === "ready" ? planned.entry : expect.unreachable("the entry was refused");
}

describe("an entry", () => {
  test("of one image has the references of both sides", () => {
    expect(entryOf("").route).toMatchObject({
      kind: "image",
      source: { registry: "docker.io", repository: "library/alpine", tag: "latest" },
      targets: [{ registry: "registry.example.com", repository: "alpine", tag: "latest" }],
    });
  });

  test("of a registry has names, to which repositories are added", () => {
    const plan = planOf("sync: [{source: 'registry.test:5000', target: ocidir:///srv/all, type: registry}]");

    expect(plan.entries[0]).toMatchObject({
      kind: "ready",
      entry: { route: { kind: "registry", source: "registry.test:5000", targets: ["ocidir:///srv/all"] } },
    });
  });

  test("of Docker Hub's registry may name it by any of its hosts", () => {
    const plan = planOf("sync: [{source: index.docker.io, target: registry.example.com/hub, type: registry}]");

    expect(plan.entries[0]?.kind).toBe("ready");
  });

  test("may have several targets, each of which may hold a template", () => {
    const plan = planOf(
      "sync: [{source: 'a.test/team/app', targets: ['b.test/{{.Sync.Source}}', ocidir://app], type: repository}]",
    );

    expect(plan.entries[0]).toMatchObject({
      kind: "ready",
      entry: {
        targetText: "b.test/a.test/team/app, ocidir://app",
        route: {
          targets: [
            { registry: "b.test", repository: "a.test/team/app" },
            { scheme: "ocidir", path: "app" },
          ],
        },
      },
    });
  });

  test("may write to two tags of one repository", () => {
    const plan = planOf("sync: [{source: alpine, targets: ['b.test/alpine:one', 'b.test/alpine:two'], type: image}]");

    expect(plan.entries[0]?.kind).toBe("ready");
  });

  test("with several targets renders the backup of the one concerned", () => {
    const plan = planOf(
      "sync: [{source: alpine, targets: [b.test/x, c.test/y], type: repository, backup: '{{.Sync.Target}}-{{.Ref.Tag}}'}]",
    );
    const [planned] = plan.entries;

    const render = planned?.kind === "ready" ? planned.entry.renderBackup : undefined;

    expect(render?.(parseReference("c.test/y:v1"))).toBe("c.test/y:v1-v1");
  });

  test("leaves nothing out that the file leaves out", () => {
    expect(entryOf("")).toEqual({
      index: 0,
      name: "registry.example.com-alpine",
      sourceText: "alpine",
      targetText: "registry.example.com/alpine",
      route: expect.anything(),
      tags: { allow: [], deny: [], semverRange: [], immutable: [] },
      tagSets: [],
      repos: { allow: [], deny: [] },
      digestTags: false,
      referrers: false,
      referrerFilters: [],
      referrerSource: undefined,
      referrerTarget: undefined,
      platform: undefined,
      platforms: [],
      fastCheck: false,
      forceRecursive: false,
      includeExternal: false,
      backup: "",
      renderBackup: undefined,
      intervalMs: 0,
      schedule: "",
      isMistimed: false,
      rateLimit: { min: 0, retryMs: 300_000 },
      mediaTypes: expect.arrayContaining(["application/vnd.oci.image.index.v1+json"]),
      verifyIntervalMs: 7 * 24 * 60 * 60 * 1_000,
    });
  });

  test("takes an empty platform for what has none", () => {
    expect(entryOf("platforms: ['', linux/arm64]").platforms).toEqual([
      "none",
      expect.objectContaining({ os: "linux" }),
    ]);
  });

  test("takes a negative number of pulls for none, which switches the default off", () => {
    expect(entryOf("ratelimit: {min: -1}", "defaults: {ratelimit: {min: 100}}").rateLimit.min).toBe(0);
  });

  test("waits for a quota in whole milliseconds, which its log counts in", () => {
    expect(entryOf("ratelimit: {min: 1, retry: 5m0.5ms}").rateLimit.retryMs).toBe(300_001);
  });

  test("goes without a place for referrers that cannot be read", () => {
    expect(entryOf("referrers: true, referrerTarget: a/B").referrerTarget).toBeUndefined();
  });

  test("knows the file's name for fastCheck and the documentation's", () => {
    expect(entryOf("fastCopy: true").fastCheck).toBe(true);
    expect(entryOf("fastCopy: true, fastCheck: false").fastCheck).toBe(false);
  });

  test("renders its backup from the target and from itself, at the time it is asked", () => {
    const { renderBackup } = entryOf(`backup: 'old-{{.Ref.Tag}}-{{.Sync.Type}}-{{(.Ref.SetTag "x").CommonName}}'`);

    expect(renderBackup?.(parseReference("registry.example.com/alpine:3"))).toBe(
      "old-3-image-registry.example.com/alpine:x",
    );
  });

  test("fails when its backup cannot be rendered, and not before", () => {
    const { renderBackup } = entryOf("backup: '{{.Ref.Nothing}}'");

    expect(() => renderBackup?.(parseReference("alpine"))).toThrowError(
      expect.objectContaining({ code: "TEMPLATE_EXECUTION" }),
    );
  });
});

describe("a plan", () => {
  test("keeps going when one entry is refused, and says why", () => {
    const plan = planOf(`
sync:
  - {source: alpine, target: registry.example.com/a, type: image}
  - {source: a/B, target: registry.example.com/b, type: image, platform: "?"}
  - {source: busybox, target: registry.example.com/c, type: image}
`);

    expect(plan.entries.map(({ kind }) => kind)).toEqual(["ready", "refused", "ready"]);
    expect(plan.entries[1]).toMatchObject({ index: 1, sourceText: "a/B", targetText: "registry.example.com/b" });
    expect(plan.complaints.map(({ path }) => path)).toEqual(["sync[1].source", "sync[1].platform"]);
  });

  test("has what an item of creds says, and nothing for what it does not say", () => {
    const { hosts } = planOf(
      `
creds:
  - registry: registry.example.com
    tls: INSECURE
    user: mirror
    pass: '{{env "PASS"}}'
    credExpire: 90
    priority: 0
    reqConcurrent: -1
    blobMax: -1
    apiOpts: {disableHead: true}
`,
      { PASS: "hunter2" },
    );

    expect(hosts).toEqual([
      expect.objectContaining({
        registry: "registry.example.com",
        hostname: undefined,
        tls: "insecure",
        user: "mirror",
        token: undefined,
        credExpireMs: 90 / 1_000_000,
        priority: undefined,
        concurrency: undefined,
        blobMaxBytes: -1,
        blobChunkBytes: undefined,
        mirrors: undefined,
        repoAuth: undefined,
        apiOpts: { disableHead: "true" },
      }),
    ]);
    expect(hosts[0]?.password?.reveal()).toBe("hunter2");
    expect(JSON.stringify(hosts)).not.toContain("hunter2");
  });

  test("has no host for an item of creds without a registry", () => {
    expect(planOf("creds: [{user: a, pass: b}]").hosts).toEqual([]);
  });

  test("has the settings of the whole program", () => {
    const plan = planOf(
      "defaults: {parallel: 3, cacheCount: 5, cacheTime: 1m, blobLimit: 10, skipDockerConfig: true, userAgent: me}",
    );

    expect(plan).toMatchObject({
      parallel: 3,
      cacheCount: 5,
      cacheTimeMs: 60_000,
      blobLimitBytes: 10,
      skipDockerConfig: true,
      userAgent: "me",
    });
  });

  test("has the time limits that the file sets, and says of which it sets none", () => {
    expect(planOf("defaults: {timeouts: {connect: 1m30s, commit: 1h, stall:}}").timeLimits).toEqual({
      connectMs: 90_000,
      tlsMs: undefined,
      headersMs: undefined,
      commitMs: 3_600_000,
      stallMs: undefined,
    });
    expect(planOf("defaults: {timeouts: {tls: 3s, answer: 2m, stall: 45s}}").timeLimits).toMatchObject({
      tlsMs: 3_000,
      headersMs: 120_000,
      stallMs: 45_000,
    });
  });

  test("has time limits that timers can count, however short or long the file has them", () => {
    const { timeLimits } = planOf("defaults: {timeouts: {connect: 1ns, tls: 1500us, stall: 2000000h}}");

    expect(timeLimits).toMatchObject({ connectMs: 1, tlsMs: 2, stallMs: 2 ** 31 - 1 });
  });

  test("has what is said of memory and of lists with digests, for all and for some", () => {
    const plan = planOf(`
defaults: { stateDir: /var/lib/regsync, digestListing: off, verifyInterval: 24h }
creds: [{ registry: a.test, digestListing: API }, { registry: b.test }]
sync:
  - { source: a, target: b, type: image }
  - { source: a, target: b, type: image, verifyInterval: 1h }
`);

    expect(plan).toMatchObject({ stateDir: "/var/lib/regsync", digestListing: "off" });
    expect(plan.hosts.map(({ digestListing }) => digestListing)).toEqual(["api", undefined]);
    expect(plan.entries).toMatchObject([
      { entry: { verifyIntervalMs: 86_400_000 } },
      { entry: { verifyIntervalMs: 3_600_000 } },
    ]);
    expect(planOf("")).toMatchObject({ stateDir: "", digestListing: "auto" });
  });

  test("has no cap of its own for uploads when the file has none", () => {
    expect(planOf("").blobLimitBytes).toBeUndefined();
  });
});

describe("templates of an entry", () => {
  test("see what came out of those before them", () => {
    const entry = entryOf(
      `referrers: true, referrerSource: 'reg.test/{{.Sync.Source}}', referrerTarget: '{{.Sync.ReferrerSrc}}/{{.Sync.Target}}'`,
    );

    expect(entry.referrerTarget?.text).toBe("reg.test/alpine/registry.example.com/alpine");
  });

  test("see booleans that are booleans", () => {
    expect(
      entryOf(`referrers: true, referrerSource: 'a/{{if .Sync.FastCheck}}yes{{else}}no{{end}}'`).referrerSource
        ?.repository,
    ).toBe("a/no");
  });
});

test("finds everything that is wrong at once", () => {
  const result = loadPlan(
    `
version: 3
defaults: {interval: 1d, paralel: 2}
creds: [{registry: a, tls: maybe}, text]
sync:
  - {source: '{{nope}}', target: b/B, type: path, tags: {allow: '('}}
  - {source: a/A, target: b, type: image, schedule: daily}
`,
    "regsync.yml",
    planWorld(),
  );

  expect(result.kind === "refused" && result.complaints.map(({ line, path }) => `${line} ${path}`)).toEqual([
    "2 version",
    "3 defaults.interval",
    "3 defaults.paralel",
    "4 creds[0].tls",
    "4 creds[1]",
    "6 sync[0].source",
    "6 sync[0].type",
    "6 sync[0].tags.allow",
    "7 sync[1].source",
    "7 sync[1].schedule",
  ]);
});
