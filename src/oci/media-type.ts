/** Media types of manifests, as registries name them. Spec: image-spec v1.1 "Media types"; Docker registry v2. */
export const mediaTypes = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociArtifact: "application/vnd.oci.artifact.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociEmpty: "application/vnd.oci.empty.v1+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerSchema1: "application/vnd.docker.distribution.manifest.v1+json",
  dockerSchema1Signed: "application/vnd.docker.distribution.manifest.v1+prettyjws",
} as const;

/** What is asked for when a manifest is read, most wanted first: all that can be mirrored byte for byte. */
export const acceptedManifests: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
  mediaTypes.ociArtifact,
  mediaTypes.dockerSchema1Signed,
  mediaTypes.dockerSchema1,
];

/** What is still made of all that. */
export const currentManifests: readonly string[] = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
];

/** Whether content of this type is a manifest of any kind, an index included. */
export function isManifestType(mediaType: string): boolean {
  return acceptedManifests.includes(mediaType);
}

/** Whether content of this type lists other manifests. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
}

/** A media type without its parameters, in lower case: `Application/JSON; charset=utf-8` is `application/json`. */
export function bareMediaType(header: string): string {
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** Types that are certainly content and not a manifest, when an index lists one. Spec: regsync.md §6.2 (6). */
const blobTypes: ReadonlySet<string> = new Set([
  mediaTypes.ociConfig,
  mediaTypes.ociEmpty,
  "application/vnd.docker.container.image.v1+json",
  "application/vnd.docker.plugin.v1+json",
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.docker.image.rootfs.diff.tar.zstd",
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd",
  "application/vnd.oci.image.layer.nondistributable.v1.tar",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
  "application/vnd.buildkit.cacheconfig.v0",
]);

/** Whether content of this type is known to be no manifest. Other types may be either. */
export function isBlobType(mediaType: string): boolean {
  return blobTypes.has(mediaType);
}

/** Types that hosts give to what they do not know, or do not want to name. */
const vagueTypes: ReadonlySet<string> = new Set([
  "",
  "text/plain",
  "application/json",
  "application/octet-stream",
  "binary/octet-stream",
]);

/** Whether a type says nothing about what a manifest is. */
export function isVagueType(mediaType: string): boolean {
  return vagueTypes.has(mediaType);
}
