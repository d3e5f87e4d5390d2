import type { BlobHomes } from "../copy/blob-homes.ts";
import { BlobLedger } from "../copy/ledger.ts";
import type { Stores } from "../oci/store.ts";

/** Stores that can be closed. */
export type OpenedStores = Stores & AsyncDisposable;

/** How long what is known of blobs on targets is believed: their registries tidy up, too. */
const ledgerLastsMs = 10 * 60_000;

interface Shelved {
  readonly stores: Promise<OpenedStores>;
  users: number;
  isCurrent: boolean;
}

/** Stores in use by one run. Disposing gives them back. */
export interface StoresLease extends AsyncDisposable {
  readonly stores: Stores;
}

/**
 * The stores that all runs share, and at a change of hosts or logins those that the later runs share: the earlier ones
 * are closed when the last run that has them ended.
 */
export class StoresShelf implements AsyncDisposable {
  #current: Shelved | undefined;
  #open: (() => Promise<OpenedStores>) | undefined;
  #identity: string | undefined;
  readonly #homes: BlobHomes | undefined;
  #ledger: BlobLedger;
  #ledgerMadeAt = Number.NEGATIVE_INFINITY;

  /** `homes` is what outlives the process; `undefined` when nothing does. */
  constructor(homes: BlobHomes | undefined) {
    this.#homes = homes;
    this.#ledger = new BlobLedger(homes);
  }

  /** From now on runs get what `open` opens, unless it is the same that they get already. */
  async use(identity: string, open: () => Promise<OpenedStores>): Promise<void> {
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#open = open;
    await this.#retire();
  }

  /** The stores, opened when nobody has so far. Rejects with what opening them throws: the next who asks tries again. */
  async lease(): Promise<StoresLease> {
    const shelved = (this.#current ??= this.#opening());
    shelved.users += 1;
    let stores: OpenedStores;
    try {
      stores = await shelved.stores;
    } catch (failure) {
      if (this.#current === shelved) this.#current = undefined;
      throw failure;
    }
    return {
      stores,
      [Symbol.asyncDispose]: async () => {
        shelved.users -= 1;
        await closeIfUnused(shelved);
      },
    };
  }

  /** What runs know of blobs on targets, shared by those that begin within some minutes. */
  ledger(monotonicMs: number): BlobLedger {
    if (monotonicMs - this.#ledgerMadeAt > ledgerLastsMs) {
      this.#ledger = new BlobLedger(this.#homes);
      this.#ledgerMadeAt = monotonicMs;
    }
    return this.#ledger;
  }

  /** Closes the stores, or leaves it to the last run that has them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#retire();
  }

  #opening(): Shelved {
    if (this.#open === undefined) throw new Error("stores are asked for before it is known which");
    return { stores: this.#open(), users: 0, isCurrent: true };
  }

  async #retire(): Promise<void> {
    const old = this.#current;
    this.#current = undefined;
    if (old === undefined) return;
    old.isCurrent = false;
    await closeIfUnused(old);
  }
}

async function closeIfUnused({ stores, users, isCurrent }: Shelved): Promise<void> {
  if (isCurrent || users > 0) return;
  const opened = await stores.catch(() => undefined); // said by whoever asked for them
  await opened?.[Symbol.asyncDispose]();
}
