import { mediaTypes } from "../../../src/oci/media-type.ts";
import type { StoredRepository } from "./content.ts";
import type { RecordedRequest } from "./exchange.ts";
import { referrersOf } from "./manifests.ts";
import { json, refusal } from "./replies.ts";
import type { Reply } from "./reply.ts";

/** `GET …/tags/list`, in pages when the client or the registry wants them. */
export function listTags(request: RecordedRequest, name: string, repository: StoredRepository, page: number): Reply {
  return listNames(request, [...repository.tags.keys()].toSorted(), page, (tags) => ({ name, tags }));
}

/** `GET /v2/_catalog`. */
export function listRepositories(request: RecordedRequest, names: readonly string[], page: number): Reply {
  return listNames(request, names, page, (repositories) => ({ repositories }));
}

/** `GET …/referrers/<digest>`. */
export function listReferrers(
  request: RecordedRequest,
  repository: StoredRepository,
  subject: string,
  page: number,
): Reply {
  const artifactType = request.query.get("artifactType");
  const all = referrersOf(repository, subject);
  const wanted = artifactType === null ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
  const start = Number(request.query.get("from") ?? 0);
  const end = start + page;
  const next = new URLSearchParams(request.query);
  next.set("from", String(end));
  const manifests = wanted.slice(start, end);
  return json(
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      "content-type": mediaTypes.ociIndex,
      ...(artifactType === null ? {} : { "oci-filters-applied": "artifactType" }),
      ...(end < wanted.length ? { link: `<${request.path}?${next.toString()}>; rel="next"` } : {}),
    },
  );
}

function listNames(
  { path, query }: RecordedRequest,
  names: readonly string[],
  page: number,
  bodyFor: (names: readonly string[]) => unknown,
): Reply {
  const last = query.get("last");
  const asked = Number(query.get("n") ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(asked) || asked < 0) return refusal(400, "PAGINATION_NUMBER_INVALID", "n is not a number");
  const size = Math.min(asked, page);
  const rest = last === null ? names : names.filter((name) => name > last);
  const shown = rest.slice(0, size);
  const link = `<${path}?last=${encodeURIComponent(shown.at(-1) ?? "")}&n=${size}>; rel="next"`;
  return json(200, bodyFor(shown), shown.length > 0 && shown.length < rest.length ? { link } : {});
}
