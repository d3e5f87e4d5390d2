import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** One request that a proxy was asked to pass on. */
export interface ProxiedRequest {
  /** `CONNECT` for a tunnel, whose content the proxy does not see. */
  readonly method: string;
  /** `host:port` of a tunnel, else the whole address. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP proxy on loopback that passes everything on to one place, whatever is asked for, and remembers it. */
export class FakeProxy implements AsyncDisposable {
  readonly requests: ProxiedRequest[] = [];
  readonly #server = createServer();
  readonly #tunnels = new Set<Socket>();
  /** A `Proxy-Authorization` that everybody has to show; `undefined` lets everybody in. */
  wanted: string | undefined;

  private constructor(port: number) {
    this.#server.on("request", (message, response) => {
      const { method = "", url = "", headers } = message;
      this.requests.push({ method, target: url, headers });
      const { pathname, search } = new URL(url);
      const onward = request({ host: "127.0.0.1", port, method, path: pathname + search, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      message.pipe(onward);
    });
    this.#server.on("connect", ({ url = "", headers }, client: Socket) => {
      this.requests.push({ method: "CONNECT", target: url, headers });
      if (this.wanted !== undefined && headers["proxy-authorization"] !== this.wanted) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      const server = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      for (const socket of [client, server]) {
        this.#tunnels.add(socket);
        socket.on("error", () => socket.destroy());
      }
    });
  }

  /** Starts a proxy that passes on to a port of this machine. */
  static async start(port: number | string): Promise<FakeProxy> {
    const proxy = new FakeProxy(Number(port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Its address, as a proxy variable holds it. */
  get address(): string {
    const { port } = this.#server.address() as AddressInfo; // a listening TCP server has one
    return `http://127.0.0.1:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#tunnels) socket.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
