import type { Reference } from "../../src/oci/reference.ts";
import type { Repository, Stores } from "../../src/oci/store.ts";
import { MemoryHost, type MemoryRepository } from "./memory-store.ts";

/** Every place that references name, in memory; hosts come into being when first asked for. */
export class MemoryStores implements Stores {
  readonly hosts = new Map<string, MemoryHost>();

  host(name: string): MemoryHost {
    const host = this.hosts.get(name) ?? new MemoryHost(name);
    this.hosts.set(name, host);
    return host;
  }

  repository(at: Pick<Reference, "registry" | "repository">): MemoryRepository & Repository {
    return this.host(at.registry).repository(at.repository);
  }

  listRepositories(registry: string): Promise<readonly string[]> {
    return Promise.resolve([...this.host(registry).repositories.keys()]);
  }
}
