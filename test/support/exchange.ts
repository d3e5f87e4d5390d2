import type { RegistryAnswer, RegistryRequest } from "../../src/registry/send.ts";
import { hostSettings } from "./host-settings.ts";

/** A GET of `https://hub.test/v2/` that may be repeated, and what a test wants different. */
export function makeRequest(changes: Partial<RegistryRequest> = {}): RegistryRequest {
  return {
    method: "GET",
    url: new URL("https://hub.test/v2/"),
    headers: {},
    body: { kind: "none" },
    host: hostSettings("hub.test", { tls: "enabled" }),
    repository: undefined,
    access: "pull",
    mountFrom: undefined,
    lease: undefined,
    large: false,
    expectedBytes: 0,
    effort: "retried",
    ...changes,
  };
}

/** An answer without a body that knows whether it was disposed. */
export class FakeAnswer implements RegistryAnswer {
  readonly status: number;
  readonly #headers: Readonly<Record<string, string | readonly string[]>>;
  readonly url: URL;
  disposed = false;

  constructor(status: number, headers: Readonly<Record<string, string | readonly string[]>> = {}, url?: URL) {
    this.status = status;
    this.#headers = headers;
    this.url = url ?? new URL("https://hub.test/v2/");
  }

  header(name: string): string | undefined {
    return this.headerLines(name)[0];
  }

  headerLines(name: string): readonly string[] {
    const value = this.#headers[name];
    if (value === undefined) return [];
    return typeof value === "string" ? [value] : value;
  }

  get body(): AsyncIterable<Uint8Array> {
    return nothing();
  }

  masked(text: string): string {
    return text;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {
  // No body.
}
