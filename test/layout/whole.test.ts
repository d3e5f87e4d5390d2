import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LayoutRepository } from "../../src/layout/repository.ts";
import { type Digest, parseDigest } from "../../src/oci/digest.ts";
import { blobsOf, childrenOf } from "../../src/oci/manifest-content.ts";
import { makeImage, makeIndex, makeSignature } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { makeLayouts, putImage, signal, writeBytes } from "./samples.ts";

const singles = [1, 2, 3].map((seed) => makeImage({ seed }));
const [one = makeImage({ seed: 1 }), two = one, three = one] = singles;
const images = [...singles, makeIndex([one, two]), makeIndex([two, three]), makeIndex([makeIndex([one]), three])];
const signatures = images.map((image) => makeSignature(image));

/** What happens to a layout, by one of two processes. */
const steps = fc.record({
  process: fc.constantFrom(0, 1),
  act: fc.oneof(
    fc.record({
      kind: fc.constant("put" as const),
      image: fc.nat(images.length - 1),
      tag: fc.constantFrom("v1", "v2", "v3"),
    }),
    fc.record({ kind: fc.constant("sign" as const), image: fc.nat(images.length - 1) }),
    fc.record({ kind: fc.constant("begin" as const), image: fc.nat(singles.length - 1) }),
    fc.record({ kind: fc.constant("tidy" as const) }),
    fc.record({ kind: fc.constant("restart" as const) }),
  ),
});

/** Everything that is reached from the tags: rejects when some of it is missing or wrong. */
async function reach(layout: LayoutRepository, tags: Readonly<Record<string, string>>): Promise<Set<Digest>> {
  const reached = new Set<Digest>();
  const open = Object.values(tags).map(parseDigest);
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    const manifest = (await layout.getManifest(digest, signal)) ?? expect.unreachable(`${digest} is missing`);
    open.push(...childrenOf(manifest.body).map((child) => child.digest));
    for (const blob of blobsOf(manifest.body)) {
      reached.add(blob.digest);
      expect(await layout.hasBlob(blob, signal), blob.digest).toBe(true);
    }
  }
  return reached;
}

test("whatever is put, moved, begun, given up and tidied in whatever order, what is listed is whole and nothing else stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (sequence) => {
      await using folder = await makeTempFolder("whole");
      const processes = [makeLayouts(), makeLayouts()];
      const expected: Record<string, string> = {};

      for (const { process, act } of sequence) {
        const layout = (processes[process] ?? makeLayouts()).repository(folder.path);
        if (act.kind === "put") {
          const image = images[act.image] ?? one;
          await putImage(layout, image, act.tag);
          expected[act.tag] = image.digest;
        }
        if (act.kind === "sign") await putImage(layout, signatures[act.image] ?? one);
        if (act.kind === "begin")
          for (const bytes of (singles[act.image] ?? one).blobs.values()) await writeBytes(layout, bytes);
        if (act.kind === "tidy") await layout.tidy(signal);
        if (act.kind === "restart") processes[process] = makeLayouts();
      }
      const last = makeLayouts().repository(folder.path);
      await putImage(last, one, "last");
      for (const layouts of processes) await layouts.repository(folder.path).tidy(signal);
      await last.tidy(signal);

      const { tags, damaged, blobs } = await readLayout(folder.path);
      expect(tags).toMatchObject({ ...expected, last: one.digest });
      expect(damaged).toEqual([]);
      const reached = await reach(last, tags);
      expect(blobs).toEqual(expect.arrayContaining([...reached]));
      // What a process was at when it was given up is kept for the next attempt.
      if (!sequence.some(({ act }) => act.kind === "restart")) expect(blobs).toEqual([...reached].sort());
    }),
    { numRuns: 40 },
  );
});
