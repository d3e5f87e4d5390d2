import { STATUS_CODES } from "node:http";
import { Failure } from "../base/failure.ts";
import { redactUrl } from "../base/redact-url.ts";
import { maskLogins } from "../base/secret.ts";
import { escapeUnprintable } from "../observe/printable.ts";
import { bareMediaType } from "../oci/media-type.ts";
import { asObject, listField, parseJson, textField } from "../oci/raw.ts";
import { Denied } from "../oci/store.ts";
import type { RegistryAnswer, RegistryRequest } from "./send.ts";

/** An answer that is not what was asked for, with the registry's own words for it. */
export interface Refusal {
  readonly method: string;
  /** Without secrets. */
  readonly url: string;
  readonly status: number;
  /** The codes of the registry's errors in upper case: `MANIFEST_UNKNOWN`. Empty when it gave none. */
  readonly codes: readonly string[];
  /** The registry's errors in words, harmless to print and at most 512 characters. */
  readonly words: string;
}

/** The registry answered, but not with success. */
export class RegistryStatus extends Failure {
  readonly code = "REGISTRY_STATUS";
  override readonly retryable: boolean;
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(sentenceOf(refusal));
    this.refusal = refusal;
    this.retryable = isTransient(refusal.status);
  }
}

/** The registry does not let us, although it was given every credential there is for it. */
export class RegistryDenied extends Denied {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(sentenceOf(refusal));
    this.refusal = refusal;
  }
}

/** What the registry answered, when the failure is that it refused; `undefined` for any other failure. */
export function refusalOf(failure: unknown): Refusal | undefined {
  return failure instanceof RegistryStatus || failure instanceof RegistryDenied ? failure.refusal : undefined;
}

/** Answers that may be others a little later. 520 to 524 are those of a large CDN. Spec: registry-protocol.md §7.6. */
const transientStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524,
]);

/** Whether the same request may succeed a little later. */
export function isTransient(status: number): boolean {
  return transientStatuses.has(status);
}

/** Bytes of an error's body that are read. */
const errorLimitBytes = 64 * 1024;
/** Characters of an error's text that are shown. */
const wordsLimit = 512;

/** The failure that an answer stands for. Reads the answer's body; the caller disposes it as ever. */
export async function failureOf(
  request: Pick<RegistryRequest, "method" | "url">,
  answer: RegistryAnswer,
): Promise<Failure> {
  const { codes, words } = errorsOf(await startOf(answer), answer);
  const { method, url } = request;
  const refusal = { method, url: redactUrl(url), status: answer.status, codes, words };
  const denied = answer.status === 401 || answer.status === 403;
  return denied ? new RegistryDenied(refusal) : new RegistryStatus(refusal);
}

function sentenceOf({ method, url, status, words }: Refusal): string {
  return `${method} ${url} answered ${status}: ${words === "" ? (STATUS_CODES[status] ?? "no reason given") : words}`;
}

/** The first bytes of a body; what goes wrong while reading them does not matter any more. */
async function startOf(answer: RegistryAnswer): Promise<Uint8Array> {
  // The body of this answer may be shorter than announced, and then never ends. Spec: registry-protocol.md §6.3.
  if (answer.status === 416) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= errorLimitBytes) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(chunks).subarray(0, errorLimitBytes);
}

interface Errors {
  readonly codes: readonly string[];
  readonly words: string;
}

function errorsOf(body: Uint8Array, answer: RegistryAnswer): Errors {
  try {
    const errors = listField(asObject(parseJson(body), "the body"), "errors").map((error) => textsOf(error));
    const codes = errors.map(({ code }) => code.toUpperCase()).filter((code) => code !== "");
    const words = errors.map(({ code, message }) => [code, message].filter((part) => part !== "").join(": "));
    return { codes, words: harmless(words.join("; "), answer) };
  } catch {
    // Pages for people and the errors of object stores say nothing more, and may repeat what was signed.
    const isText = bareMediaType(answer.header("content-type") ?? "") === "text/plain";
    return { codes: [], words: isText ? harmless(Buffer.from(body).toString("utf8").trim(), answer) : "" };
  }
}

function textsOf(value: unknown): { readonly code: string; readonly message: string } {
  const error = asObject(value, "an error");
  return { code: textField(error, "code"), message: textField(error, "message") };
}

function harmless(text: string, answer: RegistryAnswer): string {
  const shown = maskLogins(escapeUnprintable(answer.masked(text).slice(0, wordsLimit)));
  return shown.length > wordsLimit ? `${shown.slice(0, wordsLimit - 1)}…` : shown;
}
