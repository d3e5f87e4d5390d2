import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type Behaviour, type Handler, play, type RecordedRequest, ServerIncoming, ServerRequest } from "./exchange.ts";
import { deliver } from "./reply.ts";
import { matcherOf, type Pattern, Script } from "./script.ts";

/** The certificate a host shows, and whose clients it asks for one of theirs. All PEM. */
interface HostTls {
  readonly cert: string;
  readonly key: string;
  /** Clients without a certificate of this authority are refused. */
  readonly clientAuthority?: string;
}

/** How a fake host is started. */
export interface FakeHostOptions {
  /** Speaks TLS with this; plain HTTP without. */
  readonly tls?: HostTls;
  /** What it calls itself in addresses: `127.0.0.1`, or another name that resolves to it. */
  readonly hostname?: string;
}

const nothingHere: Behaviour = () => ({ status: 404, body: "nothing here\n" });

/**
 * An HTTP server on loopback that answers as it was told, and remembers every request.
 *
 * Dispose it to close every connection. A script that was not played to its end is no failure: look at `unplayed`.
 */
export class FakeHost implements AsyncDisposable {
  readonly #server: Server;
  readonly #script = new Script();
  readonly #nature: Behaviour;
  readonly #connections = new WeakMap<Socket, number>();
  readonly #requests: ServerRequest[] = [];
  readonly #defects: unknown[] = [];
  #opened = 0;
  /** Where it listens, with `/` as path. */
  readonly url: URL;

  private constructor(server: Server, url: URL, nature: Behaviour) {
    this.#server = server;
    this.url = url;
    this.#nature = nature;
  }

  /** Starts one on a free port. Without `nature` everything that is not scripted is a 404. */
  static async start(options: FakeHostOptions = {}, nature: Behaviour = nothingHere): Promise<FakeHost> {
    const { tls, hostname = "127.0.0.1" } = options;
    const server =
      tls === undefined
        ? createHttpServer()
        : createHttpsServer({
            cert: tls.cert,
            key: tls.key,
            ...(tls.clientAuthority === undefined
              ? {}
              : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
          });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // a listening TCP server has one
    const url = new URL(`${tls === undefined ? "http" : "https"}://${hostname}:${port}/`);
    const host = new FakeHost(server, url, nature);
    server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => host.#welcome(socket));
    server.on("request", (message, response) => void host.#serve(message, response));
    return host;
  }

  /** `host:port`, as references and configurations name it. */
  get name(): string {
    return this.url.host;
  }

  /** Answers every request that matches with this, from now on. The latest of several counts. */
  on(pattern: Pattern, handler: Handler): void {
    this.#script.always(pattern, handler);
  }

  /** Answers the next request that matches with this. Several are played in the order they were given. */
  once(pattern: Pattern, handler: Handler): void {
    this.#script.times(1, pattern, handler);
  }

  /** Answers the next `times` requests that match with this. */
  times(times: number, pattern: Pattern, handler: Handler): void {
    this.#script.times(times, pattern, handler);
  }

  /** How many answers of `once` and `times` nobody has asked for yet. */
  get unplayed(): number {
    return this.#script.unused;
  }

  /** Every request so far that matches, in the order they came. */
  requests(pattern: Pattern = "*"): readonly RecordedRequest[] {
    return this.#requests.filter(matcherOf(pattern));
  }

  /** How many requests came so far that match. */
  count(pattern: Pattern = "*"): number {
    return this.requests(pattern).length;
  }

  /** `"GET /v2/a/tags/list?n=1"` for every request so far that matches: for comparing whole conversations. */
  conversation(pattern: Pattern = "*"): readonly string[] {
    return this.requests(pattern).map((request) => `${request.method} ${request.target}`);
  }

  /** Forgets the requests so far. */
  forget(): void {
    this.#requests.length = 0;
  }

  /** How many connections were opened so far. */
  get connections(): number {
    return this.#opened;
  }

  /** Breaks every connection and refuses new ones, until `comeBack`. */
  goDown(): void {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Listens again where it did before. */
  async comeBack(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(Number(this.url.port), "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Closes everything. Rejects when a handler of this host threw something: that is a mistake of the test. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#defects.length > 0) throw new AggregateError(this.#defects, `a handler of ${this.name} threw`);
  }

  #welcome(socket: Socket): void {
    this.#opened += 1;
    this.#connections.set(socket, this.#opened);
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = new ServerRequest(message, this.#connections.get(message.socket) ?? 0);
    this.#requests.push(request);
    const incoming = new ServerIncoming(request, message);
    try {
      const handler = this.#script.take(request) ?? ((exchange) => exchange.usual());
      const answer = await play(handler, this.#nature, incoming);
      if (typeof answer === "object") request.status = answer.status;
      await deliver(answer, response);
      if (response.writableFinished) await incoming.drain();
    } catch (thrown) {
      const clientLeft = message.destroyed && !message.complete;
      if (!clientLeft) this.#defects.push(thrown);
      response.destroy();
    }
  }
}
