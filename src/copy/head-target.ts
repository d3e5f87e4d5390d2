import { isDenied, type ManifestHead, type ManifestName, type Repository } from "../oci/store.ts";

/** What the target has under a name; being refused a look counts as nothing there. */
export async function headTarget(
  target: Repository,
  name: ManifestName,
  signal: AbortSignal,
): Promise<ManifestHead | undefined> {
  try {
    return await target.headManifest(name, signal);
  } catch (failure) {
    if (isDenied(failure)) return undefined;
    throw failure;
  }
}
