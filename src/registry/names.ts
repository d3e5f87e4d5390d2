import { asObject, listField, Misshapen, parseJson, type RawObject } from "../oci/raw.ts";
import type { Reply } from "./answer.ts";
import { DocumentInvalid, RegistryAnswerInvalid } from "./failures.ts";

/** Bytes of one page of names. Several registries give all of them in one. */
export const namesLimitBytes = 32 * 1024 * 1024;
/** Names of one list that are kept. */
const mostNames = 1_000_000;

/** Names out of the pages of a list: each once, in the order they came, without those that could be none. */
export class Names {
  readonly #names = new Set<string>();
  readonly #isName: (text: string) => boolean;
  #pages = 0;
  #last = "";

  constructor(isName: (text: string) => boolean) {
    this.#isName = isName;
  }

  get all(): readonly string[] {
    return [...this.#names];
  }

  get count(): number {
    return this.#names.size;
  }

  /** How many pages were added. */
  get pages(): number {
    return this.#pages;
  }

  /** The last name of the last page, as it came; `""` when that had none. */
  get last(): string {
    return this.#last;
  }

  /**
   * Adds a page: the list in that field of the document, which may be null. Gives the document, for whatever else it
   * says. Throws `REGISTRY_ANSWER_INVALID`.
   */
  addPage(bytes: Uint8Array, field: string, { request: { method, url } }: Reply): RawObject {
    const document = this.#take(bytes, field, method, url);
    if (this.count > mostNames) throw new RegistryAnswerInvalid(method, url, `it has more than ${mostNames} names`);
    return document;
  }

  #take(bytes: Uint8Array, field: string, method: string, url: URL): RawObject {
    try {
      const document = asObject(parseJson(bytes), "the list");
      const page = listField(document, field).filter((name) => typeof name === "string");
      for (const name of page) if (this.#isName(name)) this.#names.add(name);
      this.#pages += 1;
      this.#last = page.at(-1) ?? "";
      return document;
    } catch (thrown) {
      if (!(thrown instanceof Misshapen)) throw thrown;
      throw new DocumentInvalid(method, url, thrown.message, thrown);
    }
  }
}
