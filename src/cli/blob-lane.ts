import type { TransferFlags } from "./invocation.ts";
import { UsageInvalid } from "./usage.ts";

/** What large blobs travel on: the connections made for them, or those that everything else uses. */
export type BlobLane = "own" | "undici";

/** The ways there are. */
export const blobLanes: readonly BlobLane[] = ["own", "undici"];

/** Which lane blobs take: as the command line says, or else the environment. Throws `USAGE_INVALID`. */
export function blobLaneOf({ blobLane }: TransferFlags, env: Readonly<Record<string, string | undefined>>): BlobLane {
  const said = blobLane ?? (env["REGSYNC_BLOB_LANE"] || "own");
  const known = blobLanes.find((lane) => lane === said);
  if (known === undefined) throw new UsageInvalid(`REGSYNC_BLOB_LANE is ${JSON.stringify(said)}: it is own or undici`);
  return known;
}
