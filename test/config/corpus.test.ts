import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CorpusExpectation, describeCorpusFile } from "../support/corpus-expectation.ts";

const corpus = new URL("../../../shared/corpus/regsync/", import.meta.url);
const table = JSON.parse(
  readFileSync(new URL("../fixtures/config/corpus-expected.json", import.meta.url), "utf8"),
) as Readonly<Record<string, CorpusExpectation>>; // a file of ours, of this shape

/** The files are no part of the repository. Without them these tests are left out. */
describe.skipIf(!existsSync(corpus))("loads or refuses what people wrote (the files of ../shared/corpus)", () => {
  const names = existsSync(corpus) ? readdirSync(corpus).sort() : [];

  test("with an expectation for every file", () => {
    expect(Object.keys(table)).toEqual(names);
  });

  test.for(names)("%s", (name) => {
    const text = readFileSync(new URL(name, corpus), "utf8");

    expect(describeCorpusFile(name, text)).toEqual(table[name]);
  });
});
