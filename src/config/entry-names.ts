import { createHash } from "node:crypto";
import type { EffectiveEntry } from "./effective.ts";
import type { EntryReport } from "./entry-report.ts";
import { maskLogin } from "./mask.ts";
import type { RawEntry } from "./raw.ts";

/** What fits into a metric's label, a path and a log line without quotes. */
const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const longestDerived = 80;

/**
 * Gives every entry of a file a name of its own: the one it has, or one that is made of its target.
 *
 * Where several entries have the same target the first is called after it, and the name of each other one ends in six
 * digits that its source decides; should those be equal too, in a number. So a name stays when entries are moved about.
 */
export class EntryNames {
  /** Who has a name, by position. */
  readonly #owners = new Map<string, number>();
  /** How many names were made with the same beginning: files have thousands of entries that are all the same. */
  readonly #made = new Map<string, number>();

  constructor(entries: readonly RawEntry[]) {
    for (const [index, { name = "" }] of entries.entries()) {
      if (wellFormed.test(name) && !this.#owners.has(name)) this.#owners.set(name, index);
    }
  }

  /** The name; a written one that cannot be used is reported, and another one made. */
  nameOf(index: number, entry: EffectiveEntry, report: EntryReport): string {
    const owner = this.#owners.get(entry.name);
    if (owner === index) return entry.name;
    if (owner !== undefined) {
      report.fault(["name"], `${entry.name} is the name of sync[${owner}] already; write another one`);
    } else if (entry.name !== "") {
      report.fault(
        ["name"],
        `${JSON.stringify(entry.name.slice(0, 60))} is no name; write up to 100 letters, digits, dots, underscores and hyphens, a letter or digit first`,
      );
    }
    return this.#derive(index, entry);
  }

  #derive(index: number, { source, target, type }: EffectiveEntry): string {
    const plain = asName(target) || asName(source) || "entry";
    if (!this.#owners.has(plain)) {
      this.#owners.set(plain, index);
      return plain;
    }
    const ending = createHash("sha256").update(`${type} ${source}`).digest("hex").slice(0, 6);
    const distinct = `${plain}-${ending}`;
    let name = distinct;
    let number = this.#made.get(distinct) ?? 1;
    while (this.#owners.has(name)) name = `${distinct}-${++number}`;
    this.#made.set(distinct, number);
    this.#owners.set(name, index);
    return name;
  }
}

/** `registry.example.com/team/app:1` as `registry.example.com-team-app-1`; never what may be a password. */
function asName(reference: string): string {
  return maskLogin(reference)
    .replace(/^[a-z]+:\/\//, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, longestDerived);
}
