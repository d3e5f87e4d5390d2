import type { Descriptor } from "../oci/descriptor.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { asObject, fieldOf, listField, Misshapen, parseJson, type RawObject, textField } from "../oci/raw.ts";
import { readDescriptor } from "../oci/read-descriptor.ts";
import { isTag } from "../oci/reference-grammar.ts";
import type { ManifestName } from "../oci/store.ts";

/** The annotation that names an entry: a tag, or a whole image name that ends with one. */
const nameKey = "org.opencontainers.image.ref.name";
const createdKey = "org.opencontainers.image.created";

interface Entry {
  readonly descriptor: Descriptor;
  /** `""` when it has none. */
  readonly name: string;
  /** As it stands in the file. */
  readonly raw: RawObject;
}

/** A manifest to be listed. */
export interface NewEntry {
  readonly mediaType: string;
  readonly digest: Descriptor["digest"];
  readonly sizeBytes: number;
  /** `""` lists the manifest without a name. */
  readonly tag: string;
  /** Epoch milliseconds. */
  readonly createdMs: number;
}

/** What `index.json` of a layout says. Immutable; whatever else stands in the file is kept. Spec: regsync.md §8. */
export class LayoutIndex {
  /** Of a layout that lists nothing yet. */
  static readonly empty = new LayoutIndex({ schemaVersion: 2, mediaType: mediaTypes.ociIndex }, []);

  readonly #document: RawObject;
  readonly #entries: readonly Entry[];
  readonly #byTag = new Map<string, Descriptor>();
  readonly #byDigest = new Map<string, Descriptor>();

  private constructor(document: RawObject, entries: readonly Entry[]) {
    this.#document = document;
    this.#entries = entries;
    const named = entries.filter(({ name }) => name !== "");
    for (const { name, descriptor } of named) claim(this.#byTag, name, descriptor);
    for (const { name, descriptor } of named) claim(this.#byTag, tagOf(name), descriptor);
    for (const { descriptor } of entries) claim(this.#byDigest, descriptor.digest, descriptor);
  }

  /** Throws `Misshapen` with what is wrong. */
  static read(bytes: Uint8Array): LayoutIndex {
    const document = asObject(parseJson(bytes), "the document");
    if (fieldOf(document, "schemaVersion") !== 2) throw new Misshapen("its schemaVersion is not 2");
    const mediaType = textField(document, "mediaType");
    if (mediaType !== "" && mediaType !== mediaTypes.ociIndex) {
      throw new Misshapen(`its type is ${JSON.stringify(mediaType.slice(0, 200))}`);
    }
    const entries = listField(document, "manifests").map((item, position) => {
      const descriptor = readDescriptor(item, `manifests[${position}]`);
      const name = Object.hasOwn(descriptor.annotations, nameKey) ? descriptor.annotations[nameKey] : undefined;
      return { descriptor, name: name ?? "", raw: asObject(item, `manifests[${position}]`) };
    });
    return new LayoutIndex(document, entries);
  }

  /** Everything that is listed, in the order of the file. */
  get descriptors(): readonly Descriptor[] {
    return this.#entries.map(({ descriptor }) => descriptor);
  }

  /**
   * What a tag or digest stands for; `undefined` when it is not listed. A name that is exactly the tag goes before
   * longer ones that end with it, and what comes first before what has the same name.
   */
  find(name: ManifestName): Descriptor | undefined {
    return (name.includes(":") ? this.#byDigest : this.#byTag).get(name);
  }

  /**
   * Every tag once, sorted. Whoever wrote the file may have named an entry anything: what could be no tag is left out.
   */
  get tags(): readonly string[] {
    const names = this.#entries.map(({ name }) => tagOf(name)).filter(isTag);
    return [...new Set(names)].sort();
  }

  /**
   * The index with one more entry: in the place of the one that had its tag, or that had its digest and no name.
   * Others with the same tag are gone. The same index when all of it is there already.
   */
  with(entry: NewEntry): LayoutIndex {
    const added = makeEntry(entry);
    const gives = ({ name, descriptor }: Entry): boolean =>
      name === "" ? descriptor.digest === entry.digest : name === entry.tag;
    const taken = this.#entries.filter(gives);
    const [old] = taken;
    if (old === undefined) return new LayoutIndex(this.#document, [...this.#entries, added]);
    if (taken.length === 1 && old.name === entry.tag && describesSame(old.descriptor, entry)) return this;
    const kept = this.#entries.filter((each) => each === old || !taken.includes(each));
    return new LayoutIndex(this.#document, kept.with(kept.indexOf(old), added));
  }

  /** The text of the file. */
  get bytes(): Uint8Array {
    return Buffer.from(JSON.stringify({ ...this.#document, manifests: this.#entries.map(({ raw }) => raw) }));
  }
}

function claim(names: Map<string, Descriptor>, name: string, descriptor: Descriptor): void {
  if (!names.has(name)) names.set(name, descriptor);
}

function describesSame(one: Descriptor, other: NewEntry): boolean {
  return one.digest === other.digest && one.mediaType === other.mediaType && one.sizeBytes === other.sizeBytes;
}

/** The tag in a name: `v1` in `registry.test/team/app:v1`. */
function tagOf(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function makeEntry({ mediaType, digest, sizeBytes, tag, createdMs }: NewEntry): Entry {
  const created = new Date(createdMs).toISOString().replace(/\.\d+Z$/, "Z");
  const annotations = { [createdKey]: created, ...(tag === "" ? {} : { [nameKey]: tag }) };
  const raw = { mediaType, digest, size: sizeBytes, annotations };
  return { descriptor: readDescriptor(raw, "the new entry"), name: tag, raw };
}
