import { describe, expect, test } from "vitest";
import { type BlobHomes, ShortBlobHomes } from "../../src/copy/blob-homes.ts";
import { type BlobCopy, copyBlob, type Prospect } from "../../src/copy/blob.ts";
import { CopyMetrics } from "../../src/copy/copy-metrics.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { noMetrics } from "../../src/observe/metrics.ts";
import { noImageProgress } from "../../src/observe/progress.ts";
import { descriptorOf } from "../support/blobs.ts";
import { MemoryHost, type MemoryRepository } from "../support/memory-store.ts";
import { silentLog } from "../support/silent-log.ts";

const never = new AbortController().signal;
const small = Buffer.from("small");
const large = Buffer.alloc(300 * 1024, "large");

interface World {
  readonly source: MemoryRepository;
  readonly host: MemoryHost;
  readonly target: MemoryRepository;
}

/** A source with both blobs, and a target with neither. */
function world(): World {
  const source = new MemoryHost("a.test").repository("app");
  for (const content of [small, large]) source.addBlob(content);
  const host = new MemoryHost("b.test");
  return { source, host, target: host.repository("mirror") };
}

/** Brings one blob to a repository, and says how it came there and what that repository was asked. */
async function bring(
  source: MemoryRepository,
  target: MemoryRepository,
  content: Uint8Array,
  ledger: BlobLedger,
  prospect: Prospect = "open",
): Promise<string> {
  target.calls.length = 0;
  const context = { log: silentLog, ledger, progress: noImageProgress, counted: new CopyMetrics(noMetrics) };
  const copy: BlobCopy = { blob: descriptorOf(content), role: "layer", source, target, prospect };
  const how = await copyBlob(copy, context, never);
  return [...target.calls.map((call) => call.split(" ")[0]), how].join(" ");
}

describe("a target is not asked for a blob", () => {
  test("that is small: it is found where its upload would begin", async () => {
    const { source, target } = world();
    target.addBlob(small);

    expect(await bring(source, target, small, new BlobLedger())).toBe("mount present");
  });

  test("that is small and not there: it is sent at once", async () => {
    const { source, target } = world();

    expect(await bring(source, target, small, new BlobLedger())).toBe("write uploaded");
  });

  test("that is large, once the host has found another blob in this way", async () => {
    const { source, target } = world();
    const ledger = new BlobLedger();
    target.addBlob(small);
    target.addBlob(large);

    await bring(source, target, small, ledger);

    expect(await bring(source, target, large, ledger)).toBe("mount present");
  });

  test("when the repository was not there at the beginning", async () => {
    const { source, target } = world();
    const ledger = new BlobLedger();
    ledger.learnNewness(target, true);

    expect(await bring(source, target, large, ledger)).toBe("write uploaded");
  });

  test("that another repository of its host got in this run, once the host has mounted one", async () => {
    const { source, host, target } = world();
    const ledger = new BlobLedger();
    const others = [host.repository("one"), host.repository("two")] as const;
    await bring(source, others[0], small, ledger);
    await bring(source, others[0], large, ledger);
    await bring(source, others[1], small, ledger);

    expect(await bring(source, target, large, ledger)).toBe("mount mounted");
  });
});

describe("a target is asked for a blob", () => {
  test("that is large, when nothing is known of the repository or the host", async () => {
    const { source, target } = world();

    expect(await bring(source, target, large, new BlobLedger())).toBe("blob? write uploaded");
  });

  test("that is small, when it has the manifest that names it", async () => {
    const { source, target } = world();
    target.addBlob(small);

    expect(await bring(source, target, small, new BlobLedger(), "likely")).toBe("blob? present");
  });

  test("of any size, when asking costs nothing", async () => {
    const { source, host, target } = world();
    host.looksAreFree = true;
    target.addBlob(small);

    expect(await bring(source, target, small, new BlobLedger())).toBe("blob? present");
  });

  test("when the repository was there at the beginning, though several large ones are in doubt", async () => {
    const { source, target } = world();
    const ledger = new BlobLedger();
    target.addManifest("application/vnd.oci.image.manifest.v1+json", {}, "v1");

    expect(await bring(source, target, large, ledger, "many")).toBe("absent? blob? write uploaded");
    expect(await bring(source, target, small, ledger, "many")).toBe("write uploaded");
  });
});

test("whether a repository is new is asked once for all blobs, and a failure to tell is a no", async () => {
  const { source, target } = world();
  const ledger = new BlobLedger();
  target.before = (call) => {
    if (call.startsWith("absent?")) throw new Error("the host cannot tell");
  };

  expect(await bring(source, target, large, ledger, "many")).toBe("absent? blob? write uploaded");
  expect(ledger.isNew(target)).toBe(false);
});

test("a repository is new no longer when it complains of a blob that it was thought to have", () => {
  const { target } = world();
  const ledger = new BlobLedger();
  ledger.learnNewness(target, true);

  ledger.forget(target, digestOf(large));

  expect(ledger.isNew(target)).toBe(false);
});

describe("a memory of earlier runs", () => {
  function remembering(...repositories: readonly string[]): BlobHomes {
    const homes = new ShortBlobHomes();
    for (const repository of repositories) homes.note("b.test", digestOf(large), repository);
    return homes;
  }

  test("has a blob mounted from where it was seen", async () => {
    const { source, host, target } = world();
    host.repository("old").addBlob(large);

    const how = await bring(source, target, large, new BlobLedger(remembering("b.test/old")));

    expect(how).toBe("blob? mount mounted");
    expect(source.called("read")).toEqual([]);
  });

  test("that is wrong costs nothing but the upload, and is forgotten", async () => {
    const { source, target } = world();
    const homes = remembering("b.test/old");

    expect(await bring(source, target, large, new BlobLedger(homes))).toBe("blob? write uploaded");
    expect(homes.find("b.test", digestOf(large))).toEqual(["b.test/mirror"]);
  });

  test("of another host's repository is not used", async () => {
    const { source, host, target } = world();
    const homes = new ShortBlobHomes();
    homes.note(host.name, digestOf(large), "elsewhere.test/old");

    expect(await bring(source, target, large, new BlobLedger(homes))).toBe("blob? write uploaded");
  });

  test("says nothing about whether the host mounts when it is wrong", async () => {
    const { source, host, target } = world();
    const ledger = new BlobLedger(remembering("b.test/old"));

    await bring(source, target, large, ledger);

    expect(ledger.mounting.refuses(host.name)).toBe(false);
  });

  test("keeps the four repositories that were seen last", () => {
    const homes = remembering("b.test/1", "b.test/2", "b.test/3", "b.test/4", "b.test/1", "b.test/5");

    expect(homes.find("b.test", digestOf(large))).toEqual(["b.test/5", "b.test/1", "b.test/4", "b.test/3"]);
  });
});

describe("two repositories of one host that want the same blob at the same time", () => {
  test("have it sent once", async () => {
    const { source, host } = world();
    const ledger = new BlobLedger();
    const [one, two] = [host.repository("one"), host.repository("two")];

    const ways = await Promise.all([bring(source, one, large, ledger), bring(source, two, large, ledger)]);

    expect(ways.sort()).toEqual(["blob? mount mounted", "blob? write uploaded"]);
  });

  test("do not wait for each other once the host has shown that it does not mount", async () => {
    const { source, host } = world();
    host.mounts = false;
    const ledger = new BlobLedger();
    const [one, two, three] = [host.repository("one"), host.repository("two"), host.repository("three")];
    await bring(source, one, small, ledger);
    await bring(source, two, small, ledger);
    const gate = Promise.withResolvers<void>();
    two.before = (call) => (call.startsWith("write") ? gate.promise : undefined);

    const held = bring(source, two, large, ledger);
    expect(await bring(source, three, large, ledger)).toBe("blob? write uploaded");
    gate.resolve();

    expect(await held).toBe("blob? write uploaded");
  });
});

test("content that is small is read once, however often its upload begins anew", async () => {
  const { source, target } = world();
  const write = target.writeBlob.bind(target);
  target.writeBlob = async (blob, from, open, lease, signal) => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await using download = await open(signal);
      for await (const _ of download.chunks) break;
    }
    return await write(blob, from, open, lease, signal);
  };

  await bring(source, target, small, new BlobLedger());
  expect(source.called("read")).toHaveLength(1);
  await bring(source, target, large, new BlobLedger());

  expect(source.called("read")).toHaveLength(5);
  expect(target.blobs.get(digestOf(small))?.toString()).toBe("small");
});
