import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LayoutIndex } from "../../src/layout/index-file.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { Misshapen } from "../../src/oci/raw.ts";

const tags = fc.constantFrom("", "v1", "v2", "latest");
const names = fc.oneof(tags, fc.constantFrom("reg.test/app:v1", "reg.test:5000/app:v2", "odd name", "__proto__"));
const digests = fc.constantFrom<Digest>(...["a", "b", "c"].map((text) => digestOf(Buffer.from(text))));

const indexes = fc.array(fc.record({ name: names, digest: digests }), { maxLength: 8 }).map((entries) =>
  LayoutIndex.read(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        manifests: entries.map(({ name, digest }) => ({
          mediaType: mediaTypes.ociManifest,
          digest,
          size: 1,
          ...(name === "" ? {} : { annotations: { "org.opencontainers.image.ref.name": name } }),
        })),
      }),
    ),
  ),
);
const entries = fc.record({
  mediaType: fc.constant(mediaTypes.ociManifest),
  digest: digests,
  sizeBytes: fc.nat(),
  tag: tags,
  createdMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

function nameOf(annotations: Readonly<Record<string, string>>): string {
  return annotations["org.opencontainers.image.ref.name"] ?? "";
}

describe("an entry that is added", () => {
  test("is what its tag and its digest stand for from then on", () => {
    fc.assert(
      fc.property(indexes, entries, (index, entry) => {
        const after = index.with(entry);

        expect(after.find(entry.digest)?.digest).toBe(entry.digest);
        if (entry.tag !== "")
          expect(after.find(entry.tag)).toMatchObject({ digest: entry.digest, sizeBytes: entry.sizeBytes });
      }),
    );
  });

  test("changes no other tag", () => {
    fc.assert(
      fc.property(indexes, entries, (index, entry) => {
        const after = index.with(entry);

        for (const tag of index.tags) if (tag !== entry.tag) expect(after.find(tag)).toEqual(index.find(tag));
        expect(after.tags).toEqual([...new Set([...index.tags, ...(entry.tag === "" ? [] : [entry.tag])])].sort());
      }),
    );
  });

  test("takes the place of what had its name, and makes nothing else disappear", () => {
    fc.assert(
      fc.property(indexes, entries, (index, entry) => {
        const after = index.with(entry);

        const gone = index.descriptors.filter(({ digest }) => after.find(digest) === undefined);
        const replaced =
          entry.tag === "" ? [] : index.descriptors.filter(({ annotations }) => nameOf(annotations) === entry.tag);
        expect(replaced).toEqual(expect.arrayContaining(gone));
        expect(
          after.descriptors.filter(({ annotations }) => nameOf(annotations) === entry.tag && entry.tag !== "").length,
        ).toBe(entry.tag === "" ? 0 : 1);
        expect(after.with(entry).descriptors.length).toBe(after.descriptors.length);
      }),
    );
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(indexes, entries, (index, entry) => {
        const after = index.with(entry);

        const again = LayoutIndex.read(after.bytes);
        expect(again.descriptors).toEqual(after.descriptors);
        expect(again.tags).toEqual(after.tags);
        expect(Buffer.from(again.bytes).equals(Buffer.from(after.bytes))).toBe(true);
      }),
    );
  });
});

test("any text is an index or is refused, and nothing else happens", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"schemaVersion":2,"manifests":${json}}`),
  );

  fc.assert(
    fc.property(texts, (text) => {
      try {
        LayoutIndex.read(Buffer.from(text));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Misshapen);
      }
    }),
  );
});

test("a name that objects inherit is a name like any other", () => {
  const index = LayoutIndex.empty.with({
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(Buffer.from("a")),
    sizeBytes: 1,
    tag: "__proto__",
    createdMs: 0,
  });

  expect(index.tags).toEqual(["__proto__"]);
  expect(index.find("constructor")).toBeUndefined();
  expect(index.find("__proto__")).toBeDefined();
});
