import { describe, expect } from "vitest";
import { testOn } from "../support/shared.ts";
import { readHoldings } from "../support/whole-images.ts";
import { skopeoCopy } from "../support/skopeo.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";
import { content, tag } from "./content.ts";
import { faults } from "./faults.ts";
import { kinds } from "./kinds.ts";
import { cases, sampleOf, senseless } from "./matrix.ts";
import { play } from "./play.ts";
import { openStage } from "./stage.ts";
import { nameOf } from "./verdict.ts";

// A part of the matrix, another one for every seed. `npm run test:faults` plays all of it.

const test = testOn(openStage);
const seed = Number(process.env["REGSYNC_TEST_SEED"] ?? "1");

/** Every kind of request has so many cases here, besides those of other seeds. */
const casesOfKind = 1;

describe.skipIf(!haveTools("dockerRegistry"))("whatever goes wrong with a request,", () => {
  const sample = sampleOf(cases, casesOfKind, seed);

  test("its image is whole or as it was before, and all other images are there", { timeout: 120_000 }, async ({
    stage,
  }) => {
    const judged = await play(stage, sample, new AbortController().signal);

    expect(judged).toHaveLength(sample.length);
    expect(judged.flatMap((each) => each.verdict.faults.map((fault) => `${nameOf(each.case)}: ${fault}`))).toEqual([]);
  });

  test.skipIf(!haveTools("skopeo"))("skopeo reads what our own reader calls whole", async ({ stage }) => {
    await using folder = await makeTempFolder("skopeo-reads");
    const there = await readHoldings(stage.target, "here/app");

    await skopeoCopy(
      { address: `docker://${stage.target}/here/app:${tag}`, access: { registry: stage.target, tls: "disabled" } },
      { address: `oci:${folder.path}:${tag}` },
    );

    expect(there).toEqual({ tags: { [tag]: content.app.digest }, broken: [] });
  });
});

describe("the matrix", () => {
  test("has every fault with every kind of request, or says why not", () => {
    const tried = new Set(cases.map(({ kind, fault }) => `${kind.id} ${fault?.id}`));
    const left = new Set(senseless.map(({ kind, fault }) => `${kind} ${fault}`));

    const missing = kinds.flatMap((kind) =>
      faults.map((fault) => `${kind.id} ${fault.id}`).filter((name) => tried.has(name) === left.has(name)),
    );
    expect(missing).toEqual([]);
  });

  test("names nothing twice", () => {
    expect(new Set(kinds.map(({ id }) => id)).size).toBe(kinds.length);
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
  });
});
