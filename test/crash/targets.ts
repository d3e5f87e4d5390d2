import { access } from "node:fs/promises";
import { join } from "node:path";
import { readLayout, readStoredManifest } from "../support/layout-state.ts";
import { skopeoCopy } from "../support/skopeo.ts";
import { type Holdings, readHoldings } from "../support/whole-images.ts";

/** A place that is written to by a program that gets killed, and read by others. */
export interface Target {
  /** As a configuration names it. */
  readonly address: string;
  /** Reads every image that a tag names, whole. */
  read(): Promise<Holdings>;
  /** What another tool cannot read of it, in words. */
  readElsewhere(): Promise<readonly string[]>;
}

/** A repository, written to at one address of its registry and read at another, without any code of the program. */
export function registryTarget(written: string, read: string, repository: string): Target {
  return {
    address: `${written}/${repository}`,
    read: () => readHoldings(read, repository),
    readElsewhere: () => Promise.resolve([]),
  };
}

/** A layout below a folder that is the program's own. */
export function layoutTarget(folder: string, name: string): Target {
  const layout = join(folder, name);
  return { address: `ocidir://${name}`, read: () => follow(layout), readElsewhere: () => copyEach(layout) };
}

/** The parts of a manifest that name other content. */
interface Document {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly layers?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
}

async function follow(layout: string): Promise<Holdings> {
  if (!(await isThere(layout))) return { tags: {}, broken: [] };
  const { tags, damaged, blobs } = await readLayout(layout);
  const broken = damaged.map((digest) => `${digest} holds other bytes`);
  const known = new Set(blobs);
  const reached = new Set<string>();
  const open = Object.values(tags);
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    if (!known.has(digest)) {
      broken.push(`${digest} is missing`);
      continue;
    }
    const { manifests = [], layers = [], config } = (await readStoredManifest(layout, digest)) as Document; // as the spec gives it
    open.push(...manifests.map((child) => child.digest));
    const content = [...layers, ...(config === undefined ? [] : [config])].map((blob) => blob.digest);
    broken.push(...content.filter((blob) => !known.has(blob)).map((blob) => `${blob} is missing`));
  }
  return { tags, broken };
}

/** Lists of referrers are indexes of what are no images, which skopeo does not copy. */
async function copyEach(layout: string): Promise<readonly string[]> {
  if (!(await isThere(layout))) return [];
  const { tags } = await readLayout(layout);
  const refused: string[] = [];
  for (const tag of Object.keys(tags).filter((name) => !name.startsWith("sha256-"))) {
    const copy = { address: `oci:${layout}-copied:${tag}` };
    await skopeoCopy({ address: `oci:${layout}:${tag}` }, copy).catch((error: unknown) => {
      refused.push(`another tool cannot read ${tag}: ${String(error)}`);
    });
  }
  return refused;
}

/** As long as there is no index, there is no image. */
function isThere(layout: string): Promise<boolean> {
  return access(join(layout, "index.json")).then(
    () => true,
    () => false,
  );
}
