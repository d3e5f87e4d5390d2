import { Secret } from "../../base/secret.ts";
import { asObject, parseJson, type RawObject, textField } from "../../oci/raw.ts";
import type { Credentials } from "../login/credentials.ts";
import { HelperFailed, type HelperRules, runHelper } from "./run-helper.ts";

/** The user name that says: what comes with it is no password. */
const identityTokenUser = "<token>";

/** What helpers print when they know nothing, next to failing. */
const knowsNothing = /credentials not found/i;

/**
 * Asks a helper for the login of one server. Throws `HelperFailed` and `INTERRUPTED`. Spec: registry-protocol.md §5.3.
 */
export async function askHelper(
  program: string,
  serverAddress: string,
  rules: HelperRules,
  signal: AbortSignal,
): Promise<Credentials> {
  const { text, status } = await runHelper(program, "get", serverAddress, rules, signal);
  const nothing: Credentials = { kind: "none", reason: `${program} knows no login for ${serverAddress}` };
  if (status !== 0 && knowsNothing.test(text)) return nothing;
  if (status !== 0) throw new HelperFailed(program, `failed for ${serverAddress} with status ${status}`);
  const login = read(program, text);
  try {
    const user = textField(login, "Username");
    const secret = textField(login, "Secret");
    if (secret === "") return nothing;
    if (user === identityTokenUser) return { kind: "identityToken", token: new Secret(secret) };
    return user === "" ? nothing : { kind: "password", user, password: new Secret(secret) };
  } catch {
    throw new HelperFailed(program, "prints a login that cannot be read");
  }
}

/** Asks a helper for which servers it has logins. Throws `HelperFailed` and `INTERRUPTED`. */
export async function listHelper(program: string, rules: HelperRules, signal: AbortSignal): Promise<readonly string[]> {
  const { text, status } = await runHelper(program, "list", "unused", rules, signal);
  if (status !== 0) throw new HelperFailed(program, `failed with status ${status} when asked for a list`);
  return Object.keys(read(program, text));
}

function read(program: string, text: string): RawObject {
  try {
    return asObject(parseJson(Buffer.from(text)), "the output");
  } catch {
    throw new HelperFailed(program, "prints something else than JSON");
  }
}
