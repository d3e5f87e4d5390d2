import { STATUS_CODES } from "node:http";
import { printableJson } from "../observe/printable.ts";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes may be those of other answers, too. */
  readonly body: string | Uint8Array;
}

interface TextAnswer extends Answer {
  readonly body: string;
}

/** A document for machines that people read too. */
export function jsonAnswer(status: number, document: object): TextAnswer {
  return { status, mediaType: "application/json", headers: {}, body: `${printableJson(document, 2)}\n` };
}

/** Text for people. */
export function plainAnswer(status: number, text: string): TextAnswer {
  return { status, mediaType: "text/plain; charset=utf-8", headers: {}, body: `${text}\n` };
}

/** Why a request was refused, in a sentence. Spec: RFC 9457. */
export function problemAnswer(status: number, detail: string, headers: Answer["headers"] = {}): TextAnswer {
  const problem = { type: "about:blank", title: STATUS_CODES[status] ?? "Refused", status, detail };
  return { ...jsonAnswer(status, problem), mediaType: "application/problem+json", headers };
}
