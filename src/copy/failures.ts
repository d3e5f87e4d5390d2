import { Failure } from "../base/failure.ts";
import type { Digest } from "../oci/digest.ts";

/** The source names content that it does not have. */
export class ContentMissing extends Failure {
  readonly code = "MANIFEST_NOT_FOUND";
  readonly digest: Digest;

  constructor(what: string, digest: Digest, repository: string) {
    super(`the ${what} ${digest} is not in ${repository}, although it is referred to there`);
    this.digest = digest;
  }
}

/** Manifests inside manifests without an end in sight. */
export class NestedTooDeep extends Failure {
  readonly code = "MANIFEST_INVALID";

  constructor(repository: string, digest: Digest, deepest: number) {
    super(`${repository}@${digest} lies more than ${deepest} manifests deep inside the image`);
  }
}

/** An image of manifests without an end in sight. */
export class TooManyManifests extends Failure {
  readonly code = "MANIFEST_INVALID";

  constructor(repository: string, most: number) {
    super(`an image of ${repository} has more than ${most} manifests, with everything that refers to it`);
  }
}

/** An image whose manifests are larger than those of any image. */
export class ManifestsTooLarge extends Failure {
  readonly code = "MANIFEST_TOO_LARGE";

  constructor(repository: string, limitBytes: number) {
    super(
      `the manifests of an image of ${repository} have more than ${limitBytes} bytes, with everything that refers to it`,
    );
  }
}

/** None of the platforms that were asked for is in the index. */
export class PlatformsAbsent extends Failure {
  readonly code = "PLATFORM_NOT_FOUND";

  constructor(wanted: readonly string[], available: readonly string[]) {
    super(`no child of the index is for ${wanted.join(" or ")}; there are ${available.join(", ") || "none"}`);
  }
}
