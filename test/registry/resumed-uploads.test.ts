import { describe, expect, test } from "vitest";
import { takeAll } from "../../src/base/limiter.ts";
import { Interrupted } from "../../src/base/failure.ts";
import { verified } from "../../src/copy/verify.ts";
import type { BlobWrite, OpenContent } from "../../src/oci/store.ts";
import type { KeptUpload, UploadMemory } from "../../src/registry/upload-memory.ts";
import { CountedContent, descriptorOf } from "../support/blobs.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import type { Answer } from "../support/fake-registry/reply.ts";
import type { UploadOptions } from "../support/fake-registry/uploads.ts";
import { breakUploadAfter, refusal, withHeaders } from "../support/fake-registry/replies.ts";
import { makeBytes } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const bytes = makeBytes(7, 450_000);
const blob = descriptorOf(bytes);
const stretchBytes = 100_000;

/** What outlives the clients of a test. */
class Notebook implements UploadMemory {
  readonly notes = new Map<string, KeptUpload>();
  readonly #confirmed: (bytes: number) => void;

  constructor(confirmed: (bytes: number) => void = () => undefined) {
    this.#confirmed = confirmed;
  }

  find(...place: Place): KeptUpload | undefined {
    return this.notes.get(keyOf(place));
  }

  note(...[origin, repository, digest, upload]: [...Place, KeptUpload]): void {
    this.notes.set(keyOf([origin, repository, digest]), upload);
    this.#confirmed(upload.offsetBytes);
  }

  forget(...place: Place): void {
    this.notes.delete(keyOf(place));
  }
}

type Place = [origin: string, repository: string, digest: string];

function keyOf([origin, repository, digest]: Place): string {
  return `${origin}/${repository}@${digest}`;
}

interface Stage extends AsyncDisposable {
  readonly registry: FakeRegistry;
  readonly uploads: Notebook;
  /** Writes the blob as a process of its own would that has the same memory. */
  write(signal?: AbortSignal, open?: OpenContent): Promise<BlobWrite>;
  readonly said: () => readonly string[];
}

async function prepare(options: UploadOptions = {}, uploads = new Notebook()): Promise<Stage> {
  const registry = await FakeRegistry.start(options);
  let said: readonly string[] = [];
  return {
    registry,
    uploads,
    said: () => said,
    write: async (signal = unhurried(), open = checked(bytes)) => {
      await using client = new TestClient({ uploads, stretchBytes });
      const repository = client.repository(registry);
      using lease = await takeAll(repository.writeLimiters, unhurried());
      try {
        return await repository.writeBlob(blob, undefined, open, lease, signal);
      } finally {
        said = client.log.lines.map(({ message }) => message);
      }
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** Content as the copy hands it over: it fails in place of its last piece when it is not what the descriptor says. */
function checked(content: Uint8Array): OpenContent {
  const counted = CountedContent.of(content);
  return async (signal) => {
    const download = await counted.opener(signal);
    return { ...download, chunks: verified(blob, download.chunks) };
  };
}

/** Stops the work of a stage after so many bytes were confirmed, as the end of a process would. */
async function stoppedAfter(confirmedBytes: number, options: UploadOptions = {}): Promise<Stage> {
  const stopping = new AbortController();
  const stop = (confirmed: number): void => {
    if (confirmed >= confirmedBytes) stopping.abort(new Interrupted("SIGTERM"));
  };
  const stage = await prepare(options, new Notebook(stop));
  await expect(stage.write(stopping.signal)).rejects.toBeInstanceOf(Interrupted);
  stage.registry.forget();
  return stage;
}

function ranges(registry: FakeRegistry): readonly (string | undefined)[] {
  return registry.requests("PATCH *").map(({ headers }) => headers["content-range"]);
}

function isStored({ registry }: Stage): boolean {
  return registry.repository("a/b").blobs.has(blob.digest);
}

describe("an upload that is remembered", () => {
  test("goes in stretches, each at an address of its own, and is forgotten when it is through", async () => {
    await using stage = await prepare({ movingLocations: true });

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(ranges(stage.registry)).toEqual([
      "0-99999",
      "100000-199999",
      "200000-299999",
      "300000-399999",
      "400000-449999",
    ]);
    expect(isStored(stage)).toBe(true);
    expect([...stage.uploads.notes]).toEqual([]);
  });

  test("goes on behind the last stretch that the registry confirmed", async () => {
    await using stage = await stoppedAfter(300_000, { movingLocations: true });
    const content = CountedContent.of(bytes);

    expect(await stage.write(unhurried(), content.opener)).toEqual({ kind: "resumed" });
    expect(content.unsentBytes).toBe(300_000);
    expect(ranges(stage.registry)).toEqual(["300000-399999", "400000-449999"]);
    expect(stage.registry.count("POST *")).toBe(0);
    expect(stage.said()).toContain("Upload goes on where it stopped");
    expect(isStored(stage)).toBe(true);
    expect([...stage.uploads.notes]).toEqual([]);
  });

  test("of which everything was sent is read once more before it is ended", async () => {
    await using stage = await stoppedAfter(450_000);
    const content = CountedContent.of(bytes);

    expect(await stage.write(unhurried(), content.opener)).toEqual({ kind: "resumed" });
    expect(ranges(stage.registry)).toEqual([]);
    expect([content.opened, content.open, content.unsentBytes]).toEqual([1, 0, 450_000]);
    expect(isStored(stage)).toBe(true);
  });

  test("of which everything was sent is not ended when the source has something else by now", async () => {
    await using stage = await stoppedAfter(450_000);

    await expect(stage.write(unhurried(), checked(makeBytes(8, bytes.byteLength)))).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
    expect(stage.registry.count("PUT *")).toBe(0);
    expect(isStored(stage)).toBe(false);
  });

  test("that starts over after it was gone on with counts as sent", async () => {
    await using stage = await stoppedAfter(200_000);
    stage.registry.on("PATCH *", refusal(413, "SIZE_INVALID", "no parts here any more"));

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(ranges(stage.registry)[0]).toBe("200000-299999");
    expect(isStored(stage)).toBe(true);
  });

  test("starts over, and says so, when the registry has forgotten it", async () => {
    await using stage = await stoppedAfter(200_000);
    stage.registry.uploads.expire();

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(ranges(stage.registry)[0]).toBe("0-99999");
    expect(stage.said()).toContain("Upload starts over, the registry has forgotten what was sent of it");
    expect(isStored(stage)).toBe(true);
  });

  test.each([
    { said: "0-0", why: "which is also said of nothing" },
    { said: "0-450000", why: "which is more than there is" },
    { said: "garbage", why: "which is no place" },
  ])("starts over when the registry says $said, $why", async ({ said }) => {
    await using stage = await stoppedAfter(200_000);
    stage.registry.once("GET *", withHeaders({ range: said }));

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(ranges(stage.registry)[0]).toBe("0-99999");
    expect(isStored(stage)).toBe(true);
  });

  test("is not asked for at an address that is not the registry's own", async () => {
    await using stage = await stoppedAfter(200_000);
    await using other = await FakeRegistry.start();
    const [key = ""] = stage.uploads.notes.keys();
    stage.uploads.notes.set(key, { location: `http://${other.name}/v2/a/b/blobs/uploads/x`, offsetBytes: 200_000 });

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(other.requests()).toEqual([]);
    expect(isStored(stage)).toBe(true);
  });

  test("finds its place again when a stretch breaks off, and sends no byte twice that was confirmed", async () => {
    await using stage = await prepare();
    stage.registry.once(({ headers }) => headers["content-range"] === "100000-199999", breakUploadAfter(30_000));

    expect(await stage.write()).toEqual({ kind: "uploaded" });
    expect(ranges(stage.registry).slice(0, 3)).toEqual(["0-99999", "100000-199999", "130000-229999"]);
    expect(isStored(stage)).toBe(true);
  });

  test.each([405, 411, 413, 416, 501])(
    "goes in one request after all when a stretch is answered %d",
    async (status) => {
      await using stage = await prepare();
      stage.registry.on("PATCH *", refusal(status, "UNSUPPORTED", "no parts here"));

      expect(await stage.write()).toEqual({ kind: "uploaded" });
      expect(isStored(stage)).toBe(true);
      expect([...stage.uploads.notes]).toEqual([]);
    },
  );

  test("is cancelled and forgotten when the content itself is wrong", async () => {
    await using stage = await prepare();

    await expect(stage.write(unhurried(), checked(makeBytes(8, bytes.byteLength)))).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
    expect(stage.registry.count("PUT *")).toBe(0);
    expect(stage.registry.uploads.open).toBe(0);
    expect([...stage.uploads.notes]).toEqual([]);
  });
});

test("an upload that was stopped is cancelled where nobody remembers it", async () => {
  await using registry = await FakeRegistry.start();
  const stopping = new AbortController();
  registry.once("PUT *", async (exchange): Promise<Answer> => {
    await exchange.readBody(10_000);
    stopping.abort(new Interrupted("SIGTERM"));
    return "reset";
  });
  await using client = new TestClient({ stretchBytes });
  const repository = client.repository(registry);
  using lease = await takeAll(repository.writeLimiters, unhurried());

  await expect(repository.writeBlob(blob, undefined, checked(bytes), lease, stopping.signal)).rejects.toBeInstanceOf(
    Interrupted,
  );
  expect(registry.uploads.open).toBe(0);
});
