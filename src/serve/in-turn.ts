import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that wait for those before them. Whoever sends more without reading is cut off. */
const mostWaiting = 16;

/**
 * Has the requests of one connection answered one after another.
 *
 * Node hands over all that one piece of a connection holds, some two thousand, and keeps their answers until it is their
 * turn: a few kilobytes would cost as many pages of metrics.
 */
export function inTurn(answer: (request: IncomingMessage, response: ServerResponse) => void): RequestListener {
  /** Of connections on which something is being answered: what comes after it. */
  const waiting = new WeakMap<Socket, (() => void)[]>();
  const goOn = (socket: Socket): void => {
    const next = socket.destroyed ? undefined : waiting.get(socket)?.shift();
    if (next === undefined) waiting.delete(socket);
    else next();
  };
  return (request, response) => {
    const { socket } = request;
    const begin = (): void => {
      response.once("close", () => goOn(socket));
      answer(request, response);
    };
    const others = waiting.get(socket);
    if (others === undefined) {
      waiting.set(socket, []);
      begin();
    } else if (others.length < mostWaiting) {
      others.push(begin);
    } else {
      socket.destroy();
    }
  };
}
