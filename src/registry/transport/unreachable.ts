import { Failure, messageOf, systemCodeOf } from "../../base/failure.ts";

/** No answer came: the name did not resolve, the connection broke, or TLS refused. */
export class RegistryUnreachable extends Failure {
  readonly code = "REGISTRY_UNREACHABLE";
  override readonly retryable: boolean;
  readonly host: string;

  constructor(host: string, cause: unknown) {
    super(`no answer from ${host}: ${explain(cause)}`, { cause });
    this.host = host;
    this.retryable = !lasting.has(systemCodeOf(cause) ?? "");
  }
}

/** Why connections fail, by the code of the error, in words for the person on call. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name cannot be resolved at the moment",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to its network",
  ETIMEDOUT: "nobody answered the call for a connection",
  UND_ERR_CONNECT_TIMEOUT: "nobody answered the call for a connection in time",
  UND_ERR_SOCKET: "the connection broke",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself, and not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate comes from an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "it asks for a client certificate",
  ERR_SSL_SSL_ALERT_BAD_CERTIFICATE: "it does not accept the client certificate, or asks for one",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "it does not accept the client certificate, or asks for one",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not know the authority of the client certificate",
};

/** What will be the same at the next attempt. */
const lasting: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  ...Object.keys(words).filter((code) => /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL/.test(code)),
]);

function explain(cause: unknown): string {
  const code = systemCodeOf(cause) ?? "";
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  const detail = messageOf(cause);
  return known === undefined ? detail : `${known} (${detail === "" ? code : detail})`;
}
