import { secretMask } from "../base/secret.ts";
import type { RegistryRequest } from "./send.ts";

/** What is shorter is part of too many words, and no secret. */
const shortestSecret = 4;

/** A text of an answer without what its request let us in with, bare or as it was sent: hosts repeat what they refuse. */
export function withoutRepeated(text: string, request: Pick<RegistryRequest, "headers" | "body">): string {
  let masked = text;
  for (const secret of secretsOf(request)) masked = masked.replaceAll(secret, secretMask);
  return masked;
}

/** The longest of those that hold each other first. */
function secretsOf({ headers, body }: Pick<RegistryRequest, "headers" | "body">): readonly string[] {
  const [, scheme = "", shown = ""] = /^(\w+) (.+)$/.exec(headers["authorization"] ?? "") ?? [];
  const login = scheme === "Basic" ? Buffer.from(shown, "base64").toString("utf8") : "";
  const password = login.slice(login.indexOf(":") + 1);
  // A form is sent to token servers alone, and holds little else.
  const form = body.kind === "bytes" && body.mediaType === formType ? Buffer.from(body.bytes).toString("utf8") : "";
  const refreshToken = new URLSearchParams(form).get("refresh_token") ?? "";
  const secrets = [shown, password, refreshToken].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    inForm(secret),
  ]);
  return secrets.filter((secret) => secret.length >= shortestSecret);
}

/** As it stands in a form, which writes a blank as `+`, and some characters in percent that addresses leave alone. */
function inForm(secret: string): string {
  return new URLSearchParams([["", secret]]).toString().slice(1);
}

/** Of what token servers are asked by POST. */
const formType = "application/x-www-form-urlencoded";
