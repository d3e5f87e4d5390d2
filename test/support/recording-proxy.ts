import { once } from "node:events";
import { createServer, type IncomingMessage, request as requestUpstream, type ServerResponse } from "node:http";

/** One request that passed, as it was answered. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `undefined` while there is no answer. */
  status: number | undefined;
  /** Bytes of the request's body that were passed on. */
  sentBytes: number;
  /** Bytes of the answer's body that were passed back. */
  receivedBytes: number;
}

/** A proxy in front of a real registry that writes down what passes. */
export interface RecordingProxy extends AsyncDisposable {
  /** `host:port` to use instead of the registry's own. */
  readonly host: string;
  /** What passed since the start, or since `forget`. */
  readonly requests: readonly RecordedRequest[];
  forget(): void;
  /** Keeps requests that match from the registry until the answer is disposed. */
  holdRequests(matches: Matcher): Hold;
  /** Lets requests that match pass, and keeps the registry's answers until the answer is disposed. */
  holdAnswers(matches: Matcher): Hold;
}

/** Which requests are meant. */
type Matcher = (request: RecordedRequest) => boolean;

/** What is held back until this is disposed. */
interface Hold extends Disposable {
  /** Resolves when so many requests are held at once. */
  reached(count: number): Promise<void>;
  /** Resolves when a client gave up waiting for something that is held. */
  readonly abandoned: Promise<void>;
}

/** What is done with a request that matches: `before` it is passed on, and before its answer is passed `back`. */
interface Rule {
  readonly matches: Matcher;
  readonly point: "before" | "back";
  readonly wait: (response: ServerResponse) => Promise<void>;
}

/** Starts a proxy in front of `upstream` (`host:port`, plain HTTP). Hosts in answers stay the proxy's own. */
export async function startRecordingProxy(upstream: string): Promise<RecordingProxy> {
  const requests: RecordedRequest[] = [];
  const rules = new Set<Rule>();
  const [hostname = "", port = ""] = upstream.split(":");
  const server = createServer((incoming, response) => {
    const recorded: RecordedRequest = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      status: undefined,
      sentBytes: 0,
      receivedBytes: 0,
    };
    requests.push(recorded);
    const waitAt = async (point: Rule["point"]): Promise<void> => {
      for (const rule of rules) if (rule.point === point && rule.matches(recorded)) await rule.wait(response);
    };
    const pass = async (): Promise<void> => {
      await waitAt("before");
      if (!response.destroyed) passOn({ incoming, response, recorded, hostname, port }, () => waitAt("back"));
    };
    void pass();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const hold = (point: Rule["point"], matches: Matcher): Hold => {
    const gate = new Gate();
    const rule: Rule = { matches, point, wait: (response) => gate.wait(response) };
    rules.add(rule);
    return {
      reached: (count) => gate.reached(count),
      abandoned: gate.abandoned,
      [Symbol.dispose]: () => {
        rules.delete(rule);
        gate.open();
      },
    };
  };
  return {
    host: `127.0.0.1:${address.port}`,
    requests,
    forget: () => void requests.splice(0),
    holdRequests: (matches) => hold("before", matches),
    holdAnswers: (matches) => hold("back", matches),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Lets nobody through until it is opened, and tells when so many stand before it. */
class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #abandoned = Promise.withResolvers<void>();
  readonly #watchers = new Set<() => void>();
  #waiting = 0;

  get abandoned(): Promise<void> {
    return this.#abandoned.promise;
  }

  async wait(response: ServerResponse): Promise<void> {
    this.#waiting += 1;
    for (const look of this.#watchers) look();
    response.once("close", () => this.#abandoned.resolve());
    await this.#opened.promise;
  }

  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#waiting >= count) resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  open(): void {
    this.#opened.resolve();
  }
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly recorded: RecordedRequest;
  readonly hostname: string;
  readonly port: string;
}

/** Hands a request to the registry and the answer back, counting bytes. A side that breaks off ends the other. */
function passOn({ incoming, response, recorded, hostname, port }: Passage, beforeAnswer: () => Promise<void>): void {
  const outgoing = requestUpstream({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
  });
  outgoing.on("response", (answer) => {
    recorded.status = answer.statusCode;
    answer.on("error", () => response.destroy());
    const passBack = async (): Promise<void> => {
      await beforeAnswer();
      if (response.destroyed) return;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("data", (chunk: Buffer) => {
        recorded.receivedBytes += chunk.length;
      });
      answer.pipe(response);
    };
    void passBack();
  });
  outgoing.on("error", () => response.destroy());
  incoming.on("data", (chunk: Buffer) => {
    recorded.sentBytes += chunk.length;
  });
  incoming.on("error", () => outgoing.destroy());
  response.on("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  incoming.pipe(outgoing);
}
