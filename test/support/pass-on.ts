import { Agent, request as requestUpstream } from "node:http";
import type { Behaviour, Incoming } from "./fake-registry/exchange.ts";
import type { Guard } from "./fake-registry/guard.ts";
import type { Reply } from "./fake-registry/reply.ts";

/** Headers of one connection, which say nothing on the next one. */
const hopHeaders: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding", "authorization"]);

/** Connections to the registries behind all proxies of a process. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/**
 * The nature of a fake host that stands before a real registry (`host:port`, plain HTTP, without a login): every
 * request is handed on whole, and the answer back. With scripts over it that makes a proxy which breaks whatever it is
 * told to. `guard` asks for the logins that the registry behind does not know.
 */
export function passOn(upstream: string, guard: Guard = () => undefined): Behaviour {
  return async (incoming) => guard(incoming.request) ?? (await ask(upstream, incoming));
}

async function ask(upstream: string, incoming: Incoming): Promise<Reply> {
  const { request } = incoming;
  const body = await incoming.readBody();
  const [hostname = "", port = ""] = upstream.split(":");
  const sent = Object.entries(request.headers).filter(([name]) => !hopHeaders.has(name));
  const headers = { ...Object.fromEntries(sent), "x-forwarded-proto": new URL(request.origin).protocol.slice(0, -1) };
  return await new Promise((resolve, reject) => {
    const { method, target: path } = request;
    const outgoing = requestUpstream({ hostname, port, method, path, headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => void chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const announced = Number(answer.headers["content-length"] ?? 0);
        const length = method === "HEAD" ? { delivery: { length: announced } } : {};
        resolve({
          status: answer.statusCode ?? 502,
          headers: headersOf(answer),
          body: Buffer.concat(chunks),
          ...length,
        });
      });
    });
    outgoing.on("error", (error) => {
      // The registry closed an idle connection at the moment it was used again: nothing was asked yet.
      if (outgoing.reusedSocket) resolve(ask(upstream, incoming));
      else reject(error);
    });
    outgoing.end(body);
  });
}

function headersOf(answer: { readonly headersDistinct: NodeJS.Dict<string[]> }): Record<string, readonly string[]> {
  const kept = Object.entries(answer.headersDistinct).filter(
    ([name]) => !hopHeaders.has(name) && name !== "content-length",
  );
  return Object.fromEntries(kept.map(([name, lines]) => [name, lines ?? []]));
}
