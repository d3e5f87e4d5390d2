import { errors } from "undici";
import { Failure, systemCodeOf } from "../../base/failure.ts";
import { RegistryAnswerInvalid } from "../failures.ts";
import type { RegistryRequest } from "../send.ts";
import { RegistryUnreachable } from "./unreachable.ts";

/** Errors of undici about an answer that is more than anybody reads, or gives its length in several ways. */
const unreadable: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);

/** What an error of a connection means to whoever sent a request; what is no trouble of the network stays as it is. */
export function explainError({ method, url }: RegistryRequest, thrown: unknown): unknown {
  if (thrown instanceof Failure) return thrown;
  const code = systemCodeOf(thrown) ?? "";
  if (thrown instanceof errors.HTTPParserError || unreadable.has(code)) {
    return new RegistryAnswerInvalid(method, url, "it is not HTTP that can be read", thrown);
  }
  const isOurs = code === "" || code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH";
  return isOurs ? thrown : new RegistryUnreachable(url.host, thrown);
}
