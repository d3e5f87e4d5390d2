import { Secret } from "../../base/secret.ts";

/** What there is to show, after a helper was asked if one is configured. */
export type Credentials =
  | { readonly kind: "password"; readonly user: string; readonly password: Secret }
  | { readonly kind: "identityToken"; readonly token: Secret }
  /** `reason` ends the sentence "it asks for a login, and …". */
  | { readonly kind: "none"; readonly reason: string };

/** The header of a login in the Basic way. Spec: registry-protocol.md §4.7. */
export function basicHeader(user: string, password: Secret): Secret {
  return new Secret(`Basic ${Buffer.from(`${user}:${password.reveal()}`).toString("base64")}`);
}

/** Whether both would be answered alike. */
export function equalCredentials(first: Credentials, second: Credentials): boolean {
  if (first.kind === "password" && second.kind === "password") {
    return first.user === second.user && first.password.reveal() === second.password.reveal();
  }
  if (first.kind === "identityToken" && second.kind === "identityToken") {
    return first.token.reveal() === second.token.reveal();
  }
  return first.kind === "none" && second.kind === "none";
}
