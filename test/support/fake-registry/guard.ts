import type { RecordedRequest } from "./exchange.ts";
import { refusal } from "./replies.ts";
import type { Reply } from "./reply.ts";

/** Decides who may come in: `undefined` lets a request pass, a reply refuses it. */
export type Guard = (request: RecordedRequest) => Reply | undefined;

/** User and password of a Basic authorisation header; `undefined` without one. */
export function basicCredentials(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic (.*)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { user, password: password.join(":") };
}

/** Lets in who gives a right password, and asks for one in the Basic way. */
export function basicGuard(passwords: Readonly<Record<string, string>>, realm = "fake"): Guard {
  return ({ headers }) => {
    const given = basicCredentials(headers.authorization);
    if (given !== undefined && Object.hasOwn(passwords, given.user) && passwords[given.user] === given.password) {
      return undefined;
    }
    return refusal(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": `Basic realm="${realm}"` });
  };
}
