import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The connections of a listener, and which of them wait for an answer. */
export class Connections {
  /**
   * Those on which requests can come, and all: those that have not got through a TLS handshake are known to nobody
   * else.
   */
  readonly #open = new Set<Socket>();
  readonly #all = new Set<Socket>();
  readonly #asking = new Map<Socket, number>();

  /** `event` is what the server calls a connection on which requests can come. */
  constructor(server: Server, event: "connection" | "secureConnection") {
    server.on(event, keepIn(this.#open)).on("connection", keepIn(this.#all));
    // Answers that waited for others on a connection that is gone are never told.
    server.on(event, (socket: Socket) => socket.once("close", () => this.#asking.delete(socket)));
    server.on("request", ({ socket }, response) => {
      this.#asking.set(socket, (this.#asking.get(socket) ?? 0) + 1);
      response.once("close", () => this.#answered(socket));
    });
  }

  /** Ends the connections on which nothing was asked. Node's own way leaves out those on which nothing ever was. */
  endIdle(): void {
    for (const socket of this.#open) if (!this.#asking.has(socket)) socket.destroy();
  }

  /** Ends all of them, whatever they wait for. */
  endAll(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #answered(socket: Socket): void {
    const others = (this.#asking.get(socket) ?? 1) - 1;
    if (others > 0) this.#asking.set(socket, others);
    else this.#asking.delete(socket);
  }
}

function keepIn(sockets: Set<Socket>): (socket: Socket) => void {
  return (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
}
