import { expect, test } from "vitest";
import { copyImage } from "../../src/copy/copy-image.ts";
import { CopyMetrics } from "../../src/copy/copy-metrics.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { plainCopy } from "../../src/copy/options.ts";
import type { CopyResult } from "../../src/copy/tally.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { noImageProgress } from "../../src/observe/progress.ts";
import { MemoryHost, type MemoryRepository } from "../support/memory-store.ts";
import { counted, openMetrics, readings } from "../support/readings.ts";
import { silentLog } from "../support/silent-log.ts";
import { addImage, describeBlob } from "./samples.ts";

const never = new AbortController().signal;

class Copies {
  readonly metrics = openMetrics();
  readonly source = new MemoryHost("a.test").repository("app");
  readonly host = new MemoryHost("b.test");
  readonly #ledger = new BlobLedger();

  async copy(tag: string, target: MemoryRepository, signal = never): Promise<CopyResult> {
    const { source } = this;
    const digest = source.tags.get(tag) as never; // tests add it before
    const image = { source, sourceName: tag, digest, target, targetName: tag, there: undefined, options: plainCopy };
    const context = {
      log: silentLog,
      ledger: this.#ledger,
      progress: noImageProgress,
      counted: new CopyMetrics(await this.metrics),
    };
    return await copyImage(image, context, signal);
  }
}

test("blobs are counted by how they came to the target, bytes by where they were read and written", async () => {
  const copies = new Copies();
  const [one, two] = [copies.host.repository("one"), copies.host.repository("two")];
  addImage(copies.source, "v1", ["12345"]);
  addImage(copies.source, "v2", ["12345", "678"]);
  const configBytes = [...copies.source.blobs.values()].map((blob) => blob.byteLength).filter((size) => size > 5);

  await copies.copy("v1", one);
  await copies.copy("v2", one);
  await copies.copy("v1", two);

  const metrics = await copies.metrics;
  const sent = 5 + 3 + configBytes.reduce((sum, size) => sum + size, 0);
  expect(await counted(metrics, "regsync_bytes_total")).toEqual({
    'direction="read",host="a.test"': sent,
    'direction="written",host="b.test"': sent,
  });
  const blobs = await counted(metrics, "regsync_blobs_total");
  expect(blobs).toEqual({
    'host="b.test",result="uploaded"': 2 + configBytes.length,
    'host="b.test",result="exists"': 5 - 2 - configBytes.length,
    'host="b.test",result="mounted"': 2,
  });
});

test("a blob whose upload goes on where it had stopped is told from one that was sent from its beginning", async () => {
  const copies = new Copies();
  const target = copies.host.repository("one");
  const digest = copies.source.addBlob(Buffer.from("12345"));
  addImage(copies.source, "v1", ["12345"]);
  target.stoppedUploads.set(digest, 4);

  const totals = await copies.copy("v1", target);

  expect(await counted(await copies.metrics, "regsync_blobs_total")).toEqual({
    'host="b.test",result="resumed"': 1,
    'host="b.test",result="uploaded"': 1,
  });
  expect(totals.blobsSent).toBe(2);
  const bytes = await counted(await copies.metrics, "regsync_bytes_total");
  expect(bytes['direction="written",host="b.test"']).toBe((bytes['direction="read",host="a.test"'] ?? 0) - 4);
});

test("a blob that does not arrive is a failure of its target's host; one that was stopped is none", async () => {
  const copies = new Copies();
  const target = copies.host.repository("one");
  addImage(copies.source, "v1", ["12345"]);
  const stopping = new AbortController();
  let doing = (): void => {
    throw new Error("no space");
  };
  target.before = (call) => {
    if (call.startsWith("write")) doing();
  };

  await expect(copies.copy("v1", target)).rejects.toThrow("no space");
  const failed = await counted(await copies.metrics, "regsync_blobs_total");
  doing = () => {
    stopping.abort();
    throw new Error("stopped");
  };
  await expect(copies.copy("v1", target, stopping.signal)).rejects.toThrow();

  expect(failed['host="b.test",result="failed"']).toBeGreaterThan(0);
  expect(await counted(await copies.metrics, "regsync_blobs_total")).toEqual(failed);
});

test("bytes are counted when they passed, also of a transfer that breaks off", async () => {
  const metrics = await openMetrics();
  const passed = new CopyMetrics(metrics).passage("written", "b.test");
  const written = async (): Promise<number | undefined> =>
    (await readings(metrics, "regsync_bytes_total"))['direction="written",host="b.test"'];

  passed.add(1024 * 1024 - 1);
  const before = await written();
  passed.add(2);
  const after = await written();
  passed.add(7);
  passed[Symbol.dispose]();
  passed[Symbol.dispose]();

  expect([before, after, await written()]).toEqual([undefined, 1024 * 1024 + 1, 1024 * 1024 + 8]);
});

test("what the manifest itself carried was read from nowhere", async () => {
  const copies = new Copies();
  const config = {
    ...describeBlob(copies.source, "{}", mediaTypes.ociEmpty),
    data: Buffer.from("{}").toString("base64"),
  };
  addImage(copies.source, "v1", ["12345"], { config });

  await copies.copy("v1", copies.host.repository("one"));

  expect(await counted(await copies.metrics, "regsync_bytes_total")).toEqual({
    'direction="read",host="a.test"': 5,
    'direction="written",host="b.test"': 7,
  });
});

test("everything about a host is there at zero once it is known", async () => {
  const metrics = await openMetrics();
  const copies = new CopyMetrics(metrics);
  copies.show("a.test");
  copies.arrived("a.test", "mounted");
  copies.show("a.test");

  expect(await readings(metrics, "regsync_bytes_total")).toEqual({
    'direction="read",host="a.test"': 0,
    'direction="written",host="a.test"': 0,
  });
  expect(await readings(metrics, "regsync_blobs_total")).toEqual({
    'host="a.test",result="exists"': 0,
    'host="a.test",result="mounted"': 1,
    'host="a.test",result="uploaded"': 0,
    'host="a.test",result="resumed"': 0,
    'host="a.test",result="failed"': 0,
  });
});
