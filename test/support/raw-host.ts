import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A host that speaks in bytes. Disposing ends it and every connection. */
export interface RawHost extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly name: string;
  /** What was asked, request by request. */
  readonly asked: readonly string[];
  /** How many connections were made, and how many of them are open. */
  connections(): number;
  open(): number;
  /** Resolves when the first connection has ended. */
  readonly closed: Promise<void>;
}

/** Starts a host that answers every request by `answer`, which is told the number of the request, from 1. */
export async function startRawHost(answer: (socket: Socket, request: number) => void): Promise<RawHost> {
  const sockets: Socket[] = [];
  const asked: string[] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once("close", () => closed.resolve());
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      asked.push(data.toString("latin1"));
      answer(socket, asked.length);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    name: `127.0.0.1:${port}`,
    asked,
    connections: () => sockets.length,
    open: () => sockets.filter((socket) => !socket.destroyed).length,
    closed: closed.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
