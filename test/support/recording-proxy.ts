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
  /**
   * Stops the bodies of requests that match: they reach the registry only when the answer is disposed.
   * `held` resolves when the first one arrived.
   */
  hold(matches: (request: RecordedRequest) => boolean): { readonly held: Promise<void> } & Disposable;
  /** Answers matching requests itself, without asking the registry, until the answer is disposed. */
  answer(matches: (request: RecordedRequest) => boolean, status: number, body: unknown): Disposable;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly recorded: RecordedRequest;
  readonly pass: () => void;
}

interface Rule {
  readonly matches: (request: RecordedRequest) => boolean;
  readonly act: (exchange: Exchange) => void;
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
    const pass = (): void => passOn(incoming, response, recorded, { hostname, port });
    const rule = [...rules].find((candidate) => candidate.matches(recorded));
    if (rule === undefined) pass();
    else rule.act({ incoming, response, recorded, pass });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const addRule = (rule: Rule): Disposable => {
    rules.add(rule);
    return { [Symbol.dispose]: () => void rules.delete(rule) };
  };
  return {
    host: `127.0.0.1:${address.port}`,
    requests,
    forget: () => void requests.splice(0),
    hold: (matches) => {
      const first = Promise.withResolvers<void>();
      const waiting: (() => void)[] = [];
      const rule = addRule({
        matches,
        act: ({ response, pass }) => {
          waiting.push(() => {
            if (!response.destroyed) pass();
          });
          first.resolve();
        },
      });
      return {
        held: first.promise,
        [Symbol.dispose]: () => {
          rule[Symbol.dispose]();
          for (const pass of waiting.splice(0)) pass();
        },
      };
    },
    answer: (matches, status, body) =>
      addRule({
        matches,
        act: ({ incoming, response, recorded }) => {
          recorded.status = status;
          incoming.resume();
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        },
      }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Hands a request to the registry and the answer back, counting bytes. A side that breaks off ends the other. */
function passOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  recorded: RecordedRequest,
  upstream: { readonly hostname: string; readonly port: string },
): void {
  const outgoing = requestUpstream({
    ...upstream,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
  });
  outgoing.on("response", (answer) => {
    recorded.status = answer.statusCode;
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("data", (chunk: Buffer) => {
      recorded.receivedBytes += chunk.length;
    });
    answer.on("error", () => response.destroy());
    answer.pipe(response);
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
