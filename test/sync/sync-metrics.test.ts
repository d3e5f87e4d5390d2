import { describe, expect, test } from "vitest";
import { Failure, type FailureCode, Interrupted } from "../../src/base/failure.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { errorClassOf } from "../../src/sync/error-class.ts";
import type { ImageResult, Outcome } from "../../src/sync/outcome.ts";
import { SyncMetrics } from "../../src/sync/sync-metrics.ts";
import { RegistryUnreachable } from "../../src/registry/transport/unreachable.ts";
import { addImage } from "../copy/samples.ts";
import { counted, openMetrics, readings } from "../support/readings.ts";
import { entry, Passes } from "./passes.ts";

class Failed extends Failure {
  readonly code: FailureCode;

  constructor(code: FailureCode) {
    super("failed");
    this.code = code;
  }
}

const digest = digestOf(Buffer.from("image"));
const totals = { bytes: 0, blobsSent: 0, blobsMounted: 0, blobsPresent: 0, manifestsSent: 0 };
const copied = (kind: "absent" | "forced" | "referrers"): Outcome => ({
  kind: "copied",
  digest,
  reason: { kind, source: digest },
  totals,
  durationMs: 1,
});

describe("the report of an entry's run", () => {
  const start = async () => {
    const metrics = await openMetrics();
    const images: ImageResult[] = [];
    const failures: Failure[] = [];
    const plain = {
      due: () => undefined,
      image: (result: ImageResult) => images.push(result),
      failed: (failure: Failure) => failures.push(failure),
    };
    const report = new SyncMetrics(metrics).counted("app", plain);
    const image = (outcome: Outcome): void => report.image({ entry: 0, source: "a", target: "b", outcome });
    return { metrics, report, image, images, failures };
  };

  test("is counted by what became of each image, and passed on", async () => {
    const { metrics, image, images } = await start();
    const outcomes: readonly Outcome[] = [
      copied("absent"),
      copied("forced"),
      copied("referrers"),
      { kind: "unchanged", digest },
      { kind: "skipped", reason: { kind: "exists" } },
      { kind: "skipped", reason: { kind: "mediaType", mediaType: "x" } },
      { kind: "stale", reason: { kind: "absent", source: digest } },
      { kind: "failed", failure: new Failed("REGISTRY_DENIED") },
    ];

    for (const outcome of outcomes) image(outcome);

    expect(images.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(await counted(metrics, "regsync_images_total")).toEqual({
      'step="app",result="copied"': 1,
      'step="app",result="refreshed"': 2,
      'step="app",result="unchanged"': 1,
      'step="app",result="skipped_exists"': 1,
      'step="app",result="skipped_mediatype"': 1,
      'step="app",result="would_copy"': 1,
      'step="app",result="failed"': 1,
    });
    expect(await counted(metrics, "regsync_errors_total")).toEqual({ 'step="app",class="auth"': 1 });
  });

  test("counts failures of the entry as a whole as errors, and not as images", async () => {
    const { metrics, report, failures } = await start();

    report.failed(new Failed("REPOSITORY_NOT_FOUND"));

    expect(failures).toHaveLength(1);
    expect(await counted(metrics, "regsync_errors_total")).toEqual({ 'step="app",class="not_found"': 1 });
    expect(await counted(metrics, "regsync_images_total")).toEqual({});
  });

  test("counts what was stopped as nothing", async () => {
    const { metrics, image, report } = await start();

    image({ kind: "failed", failure: new Interrupted() });
    report.failed(new Interrupted());

    expect(await counted(metrics, "regsync_images_total")).toEqual({});
    expect(await counted(metrics, "regsync_errors_total")).toEqual({});
  });
});

test("everything about an entry and its hosts is there at zero, until the entry goes", async () => {
  const metrics = await openMetrics();
  const sync = new SyncMetrics(metrics);
  const targets = [parseReference("ocidir://mirror/app")];

  sync.show("app", { kind: "repository", source: parseReference("docker.io/library/app"), targets });
  sync.show("all", { kind: "registry", source: "a.test/team", targets: ["b.test"] });
  const images = await readings(metrics, "regsync_images_total");
  const errors = await readings(metrics, "regsync_errors_total");
  const bytes = await readings(metrics, "regsync_bytes_total");
  sync.forget("app");
  const left = await metrics.text("prometheus");

  expect(images['step="app",result="failed"']).toBe(0);
  expect(errors['step="app",class="rate_limit"']).toBe(0);
  expect(Object.keys(bytes).filter((labels) => labels.includes("read"))).toEqual(
    ["docker.io", "ocidir", "a.test", "b.test"].map((host) => `direction="read",host="${host}"`),
  );
  expect(await readings(metrics, "regsync_ratelimit_waits_total")).toMatchObject({ 'host="docker.io"': 0 });
  expect(left).not.toContain('step="app"');
  expect(left).toContain('step="all"');
});

test("waiting for a quota is counted for the host whose quota it is", async () => {
  const metrics = await openMetrics();
  const passes = new Passes(metrics);
  const source = passes.stores.host("source.test").repository("app");
  addImage(source, "v1", ["one"]);
  source.rateLimits = [3, 3, 9, 10].map((remaining) => ({ limit: 100, remaining }));
  const rateLimit = { min: 10, retryMs: 900_000 };

  await passes.run([entry("image", "source.test/app:v1", "target.test/app:v1", { rateLimit })]);

  expect(await counted(metrics, "regsync_ratelimit_waits_total")).toEqual({ 'host="source.test"': 2 });
  expect(await counted(metrics, "regsync_ratelimit_wait_seconds_total")).toEqual({ 'host="source.test"': 1_800 });
});

describe("the class of a failure", () => {
  test.each<[FailureCode, string | undefined]>([
    ["LOGIN_FAILED", "auth"],
    ["MANIFEST_NOT_FOUND", "not_found"],
    ["REGISTRY_THROTTLED", "rate_limit"],
    ["REGISTRY_STALLED", "stall"],
    ["REGISTRY_STATUS", "registry"],
    ["TLS_INVALID", "tls"],
    ["SIZE_MISMATCH", "digest_mismatch"],
    ["MANIFEST_TOO_LARGE", "manifest_invalid"],
    ["DISK_FULL", "storage"],
    ["CRON_INVALID", "config"],
    ["INTERRUPTED", undefined],
  ])("%s is %s", (code, kind) => {
    expect(errorClassOf(new Failed(code))).toBe(kind);
  });

  test.each([
    ["ENOTFOUND", "dns"],
    ["EAI_AGAIN", "dns"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["ECONNREFUSED", "unreachable"],
    [undefined, "unreachable"],
  ])("an unreachable host with %s is %s", (code, kind) => {
    expect(errorClassOf(new RegistryUnreachable("hub.test", Object.assign(new Error("no"), { code })))).toBe(kind);
  });

  test("what nobody foresaw is ours", () => {
    expect(errorClassOf(new TypeError("x is undefined"))).toBe("internal");
  });
});
