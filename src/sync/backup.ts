import { Failure, Interrupted, messageOf } from "../base/failure.ts";
import { copyImage } from "../copy/copy-image.ts";
import { headTarget } from "../copy/head-target.ts";
import { plainCopy } from "../copy/options.ts";
import { noImageProgress } from "../observe/progress.ts";
import type { Digest } from "../oci/digest.ts";
import { manifestNameOf } from "../oci/manifest-name.ts";
import { commonName, parseReference, type Reference, withTag } from "../oci/reference.ts";
import { isTag } from "../oci/reference-grammar.ts";
import type { SyncContext } from "./context.ts";
import { BackupInvalid } from "./failures.ts";

/**
 * Copies the image that is about to be replaced to where the entry's `backup` says.
 *
 * Throws `BACKUP_INVALID` when the name cannot be used, before anything is overwritten. A copy that fails is logged
 * and the image is replaced all the same. Spec: regsync.md §5.8.
 */
export async function saveBackup(
  target: Reference,
  digest: Digest,
  render: (target: Reference) => string,
  context: SyncContext,
  signal: AbortSignal,
): Promise<void> {
  const original = commonName(target);
  const backup = backupReference(target, render);
  context.log.info("Saving backup", { original, backup: commonName(backup) });
  const source = context.stores.repository(target);
  const repository = context.stores.repository(backup);
  const targetName = manifestNameOf(backup);
  try {
    const image = {
      source,
      sourceName: manifestNameOf(target),
      digest,
      target: repository,
      targetName,
      there: await headTarget(repository, targetName, signal),
      options: plainCopy,
    };
    const { log, ledger, counted } = context;
    await copyImage(image, { log, ledger, progress: noImageProgress, counted: counted.copies }, signal);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure instanceof Interrupted) throw failure;
    context.log.warn("Failed to backup existing image", {
      original,
      backup: commonName(backup),
      error: messageOf(failure),
      code: failure.code,
    });
  }
}

function backupReference(target: Reference, render: (target: Reference) => string): Reference {
  const original = commonName(target);
  try {
    const text = render(target).trim();
    if (text === "") throw new BackupInvalid(original, "the template comes out empty");
    if (/[:/]/.test(text)) return parseReference(text);
    if (!isTag(text)) throw new BackupInvalid(original, `${JSON.stringify(text)} is no tag`);
    return withTag(target, text);
  } catch (failure) {
    if (failure instanceof BackupInvalid || !(failure instanceof Failure)) throw failure;
    throw new BackupInvalid(original, failure.message, failure);
  }
}
