import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A relay in front of a server that counts what passes, and does something at one of these moments. */
export interface Tripwire extends AsyncDisposable {
  /** `host:port` to use instead of the server's own. */
  readonly host: string;
}

/** Counts moments at which bytes pass, over all relays that share it. */
export class Moments {
  #passed = 0;
  #at = Number.POSITIVE_INFINITY;
  #act: () => void = () => undefined;

  /** How many there were since the last `await`. */
  get passed(): number {
    return this.#passed;
  }

  /** Counts from 1 again, and acts at moment `at`, once: before the bytes of that moment are passed on. */
  await(at: number, act: () => void): void {
    this.#passed = 0;
    this.#at = at;
    this.#act = act;
  }

  pass(): void {
    this.#passed += 1;
    if (this.#passed === this.#at) this.#act();
  }
}

/** Relays connections to `upstream` (`host:port`); each piece of bytes in either direction is a moment. */
export async function startTripwire(upstream: string, moments: Moments): Promise<Tripwire> {
  const [hostname = "", port = ""] = upstream.split(":");
  const open = new Set<Socket>();
  const relay = (from: Socket, to: Socket): void => {
    open.add(from);
    from.on("data", (bytes) => {
      moments.pass();
      if (!to.write(bytes)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      open.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const behind = connect({ host: hostname, port: Number(port) });
    relay(client, behind);
    relay(behind, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    host: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
