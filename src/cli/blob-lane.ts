import { usualLaneFromBytes } from "../registry/lane-limit.ts";
import type { TransferFlags } from "./invocation.ts";
import { UsageInvalid } from "./usage.ts";

/** What large blobs travel on: the connections made for them, or those that everything else uses. */
export type BlobLane = "own" | "undici";

/** The ways there are. */
export const blobLanes: readonly BlobLane[] = ["own", "undici"];

/**
 * From which size blobs travel on a lane of their own, in bytes, infinite for none: as the command line says, or else
 * the environment. Throws `USAGE_INVALID`.
 */
export function laneFromBytesOf(
  { blobLane }: TransferFlags,
  env: Readonly<Record<string, string | undefined>>,
): number {
  const said = blobLane ?? (env["REGSYNC_BLOB_LANE"] || "own");
  const known = blobLanes.find((lane) => lane === said);
  if (known === undefined) throw new UsageInvalid(`REGSYNC_BLOB_LANE is ${JSON.stringify(said)}: it is own or undici`);
  return known === "own" ? usualLaneFromBytes : Number.POSITIVE_INFINITY;
}
