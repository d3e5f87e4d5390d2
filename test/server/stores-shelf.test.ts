import { expect, test } from "vitest";
import { ShortBlobHomes } from "../../src/copy/blob-homes.ts";
import { StoresShelf } from "../../src/server/stores-shelf.ts";
import { MemoryStores } from "../support/memory-stores.ts";
import { digestOfDigit } from "../support/reports.ts";

const digest = digestOfDigit("7");
const minuteMs = 60_000;

test("what is known of blobs is believed for some minutes, and what outlives the process is looked up ever after", () => {
  const stores = new MemoryStores();
  const [base, app] = ["base", "app"].map((repository) => stores.repository({ registry: "t.test", repository }));
  if (base === undefined || app === undefined) expect.unreachable();
  const shelf = new StoresShelf(new ShortBlobHomes());
  const first = shelf.ledger(0);
  first.learn(base, digest);

  expect(shelf.ledger(9 * minuteMs)).toBe(first);
  const second = shelf.ledger(11 * minuteMs);

  expect(second).not.toBe(first);
  expect(second.isHeld(base, digest)).toBe(false);
  expect(second.homeOf(app, digest)?.name).toBe(base.name);
});

test("without a memory, a new ledger knows nothing of the one before", () => {
  const stores = new MemoryStores();
  const base = stores.repository({ registry: "t.test", repository: "base" });
  const shelf = new StoresShelf(undefined);
  shelf.ledger(0).learn(base, digest);

  const second = shelf.ledger(11 * minuteMs);

  expect(second.homeOf(stores.repository({ registry: "t.test", repository: "app" }), digest)).toBeUndefined();
});
