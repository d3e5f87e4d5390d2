import { once } from "node:events";
import { connect } from "node:net";
import { Secret } from "../../src/base/secret.ts";
import { type Listener, startListener } from "../../src/serve/listener.ts";
import { type ListenerLimits, usualListenerLimits } from "../../src/serve/limits.ts";
import type { ListenerParts } from "../../src/serve/parts.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeServer } from "./fake-server.ts";
import { RecordingLog } from "./silent-log.ts";

/** The token of listeners that have one. */
export const token = "correct-horse";

/** What a test wants different from a listener without a token on a free port. */
export interface ListeningOptions extends Partial<Omit<ListenerParts, "token" | "clock" | "log">> {
  readonly token?: string;
  readonly limits?: Partial<ListenerLimits>;
  readonly clock?: FakeClock;
}

/** A real listener in front of a server that is none. */
export class Listening implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly server: FakeServer;
  readonly listener: Listener;

  private constructor(clock: FakeClock, log: RecordingLog, server: FakeServer, listener: Listener) {
    this.clock = clock;
    this.log = log;
    this.server = server;
    this.listener = listener;
  }

  static async start(options: ListeningOptions = {}): Promise<Listening> {
    const { token: text, limits = {}, clock = new FakeClock(), ...parts } = options;
    const server = new FakeServer(clock);
    const log = new RecordingLog();
    const listener = await startListener(
      {
        address: { host: "127.0.0.1", port: 0 },
        tls: undefined,
        token: text === undefined ? undefined : new Secret(text),
        health: { kind: "anyStale" },
        status: server,
        controls: server,
        metrics: { text: (form) => Promise.resolve(`# ${form}\n`) },
        version: "v1.2.3",
        copyStallMs: 3_600_000,
        clock,
        log,
        ...parts,
      },
      { ...usualListenerLimits, ...limits },
    );
    return new Listening(clock, log, server, listener);
  }

  /** Asks for a path, which is sent as it is written. */
  async ask(path: string, { method = "GET", token: shown, ...more }: AskOptions = {}): Promise<Asked> {
    const headers = { ...more.headers, ...(shown === undefined ? {} : { authorization: `Bearer ${shown}` }) };
    const answer = await fetch(`${this.listener.url}${path}`, { method, headers, body: more.body ?? null });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text };
  }

  /** Sends these bytes on a connection of their own, and gives everything that comes back until it ends. */
  async send(text: string): Promise<string> {
    const socket = connect(this.listener.port, "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("error", () => undefined); // whoever is cut off may hear of it so
    socket.write(text);
    await once(socket, "close");
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener[Symbol.asyncDispose]();
  }
}

/** How something is asked for. */
export interface AskOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
