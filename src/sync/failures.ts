import { Failure } from "../base/failure.ts";

/** The source has nothing under the name that is to be mirrored. */
export class SourceMissing extends Failure {
  readonly code = "MANIFEST_NOT_FOUND";

  constructor(source: string) {
    super(`${source} does not exist: the source has no such repository, tag or digest`);
  }
}

/** The source has no such repository. */
export class RepositoryMissing extends Failure {
  readonly code = "REPOSITORY_NOT_FOUND";

  constructor(repository: string) {
    super(`${repository} does not exist: there is no such repository at the source`);
  }
}

/** The index has no child for the platform that is asked for. */
export class PlatformAbsent extends Failure {
  readonly code = "PLATFORM_NOT_FOUND";

  constructor(source: string, wanted: string, available: readonly string[]) {
    super(`${source} has no image for ${wanted}; there are ${available.join(", ") || "none with a platform"}`);
  }
}

/** The name for a backup cannot be used, so nothing is overwritten. */
export class BackupInvalid extends Failure {
  readonly code = "BACKUP_INVALID";

  constructor(target: string, reason: string, cause?: unknown) {
    super(`the backup of ${target} has no usable name: ${reason}; nothing was overwritten`, { cause });
  }
}

/** An entry was refused when the file was read. */
export class EntryRefused extends Failure {
  readonly code = "CONFIG_INVALID";

  constructor(complaints: readonly string[]) {
    super(complaints.join("\n"));
  }
}
