import type { RecordedRequest } from "../support/fake-registry/exchange.ts";
import { content, tag } from "./content.ts";

/** How the program deals with a request that fails and may succeed. */
type Effort =
  /** Sends it again, up to six times. */
  | "retried"
  /** Begins the upload anew, up to four times. */
  | "session"
  /** Asks where the upload stands, and goes on there. */
  | "piece"
  /** Does without it. */
  | "optional";

/** What the body of a good answer is. */
type AnswerBody = "nothing" | "manifest" | "blob" | "names" | "referrers" | "grant" | "refusal";

/** One kind of request that the program makes, as one request of one run. */
export interface Kind {
  readonly id: string;
  /** Whom it goes to. */
  readonly side: "source" | "target" | "tokens";
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly effort: Effort;
  readonly body: AnswerBody;
  /** Whether a fault of it is a fault of everything that uses the host. */
  readonly hostWide: boolean;
  /** Whether there is one such request in a run without faults, and so a number to expect. */
  readonly isCounted: boolean;
  /** Whether it is the first request with a login: a token that was just made cannot have expired. */
  readonly isFirst: boolean;
  /** Run with what makes the program send such a request at all. */
  readonly scene: Scene;
  readonly matches: (request: RecordedRequest) => boolean;
}

/** What a run is like besides the fault. */
export interface Scene {
  /** What the entry of the image says besides source and target. */
  readonly entry: "image" | "repository" | "registry" | "referrers" | "same host";
  /** How the source and the target are logged in to. */
  readonly login: "token" | "identity token" | "password";
  /** Layers go in pieces. */
  readonly pieces: boolean;
  /** The one thing that goes wrong before, once, so that the request is needed. */
  readonly before: "refused mount" | "refused login" | "broken piece" | "broken upload" | undefined;
}

const usual: Scene = { entry: "image", login: "token", pieces: false, before: undefined };
const manifests = "/manifests/";
const child = content.child.digest;
const index = content.app.digest;
const { layer } = content;
const fallback = `/manifests/${content.subject.digest.replace(":", "-")}`;

type Parts = Partial<Pick<Kind, "effort" | "body" | "hostWide" | "isCounted" | "isFirst">> & {
  readonly scene?: Partial<Scene>;
};

function kind(
  id: string,
  side: Kind["side"],
  method: Kind["method"],
  where: (request: RecordedRequest) => boolean,
  {
    effort = "retried",
    body = "nothing",
    hostWide = false,
    isCounted = !hostWide,
    isFirst = false,
    scene = {},
  }: Parts = {},
): Kind {
  const isMeant = (request: RecordedRequest): boolean => request.method === method && where(request);
  return {
    id,
    side,
    method,
    effort,
    body,
    hostWide,
    isCounted,
    isFirst,
    scene: { ...usual, ...scene },
    matches: isMeant,
  };
}

/** A request for something of the image's repository, with a login. */
function at(end: string): (request: RecordedRequest) => boolean {
  return ({ path, headers }) => path.endsWith(`/app${end}`) && headers.authorization !== undefined;
}

function uploads(where: (request: RecordedRequest) => boolean): (request: RecordedRequest) => boolean {
  return (request) =>
    /\/app\/blobs\/uploads\/.+/.test(request.path) && request.headers.authorization !== undefined && where(request);
}

const begins = at("/blobs/uploads/");
const isOfLayer = ({ query }: RecordedRequest): boolean => query.get("digest") === layer;

const referrers: Parts["scene"] = { entry: "referrers" };
const pieces: Parts["scene"] = { pieces: true };

/** Every kind of request. A new one the program learns to make is a new line here. */
export const kinds: readonly Kind[] = [
  kind(
    "challenge",
    "source",
    "HEAD",
    ({ path, headers }) => path.endsWith(`/app${manifests}${tag}`) && headers.authorization === undefined,
    { body: "refusal" },
  ),
  kind("login check", "target", "GET", ({ path }) => path === "/v2/", {
    effort: "optional",
    body: "refusal",
    hostWide: true,
    scene: { login: "password", before: "refused login" },
  }),
  kind(
    "token, GET",
    "tokens",
    "GET",
    ({ query }) => query.getAll("scope").some((scope) => scope.startsWith("repository:app:")),
    { body: "grant" },
  ),
  kind("token, POST", "tokens", "POST", () => true, {
    body: "grant",
    hostWide: true,
    scene: { login: "identity token" },
  }),
  kind(
    "catalogue",
    "source",
    "GET",
    ({ path, query, headers }) => path === "/v2/_catalog" && !query.has("last") && headers.authorization !== undefined,
    { isFirst: true, body: "names", scene: { entry: "registry" } },
  ),
  kind("tag list", "source", "GET", at("/tags/list"), { isFirst: true, body: "names", scene: { entry: "repository" } }),
  kind("source manifest, HEAD", "source", "HEAD", at(`${manifests}${tag}`), { isFirst: true }),
  kind("source manifest, GET", "source", "GET", at(`${manifests}${index}`), { body: "manifest" }),
  kind("source child, GET", "source", "GET", at(`${manifests}${child}`), { body: "manifest" }),
  kind("blob, GET", "source", "GET", at(`/blobs/${layer}`), { body: "blob" }),
  kind("source referrers, GET", "source", "GET", at(`/referrers/${content.subject.digest}`), {
    body: "referrers",
    scene: referrers,
  }),
  kind("target manifest, HEAD", "target", "HEAD", at(`${manifests}${tag}`), { isFirst: true }),
  kind("target child, HEAD", "target", "HEAD", at(`${manifests}${child}`)),
  kind("blob, HEAD", "target", "HEAD", at(`/blobs/${layer}`)),
  kind(
    "mount, named",
    "target",
    "POST",
    (request) => begins(request) && request.query.has("from") && request.query.get("mount") === layer,
    { effort: "optional", scene: { entry: "same host" } },
  ),
  kind("mount, any", "target", "POST", (request) => begins(request) && request.query.get("mount") === layer, {
    effort: "optional",
  }),
  kind("upload, POST", "target", "POST", (request) => begins(request) && !request.query.has("mount"), {
    isCounted: false,
    scene: { before: "refused mount" },
  }),
  kind("upload, PUT", "target", "PUT", uploads(isOfLayer), { effort: "session" }),
  kind(
    "upload, PATCH",
    "target",
    "PATCH",
    uploads(({ headers }) => headers["content-range"]?.startsWith("65536-") === true),
    { effort: "piece", scene: pieces },
  ),
  kind("upload, closing PUT", "target", "PUT", uploads(isOfLayer), { effort: "session", scene: pieces }),
  kind(
    "upload, status",
    "target",
    "GET",
    uploads(() => true),
    { effort: "session", scene: { ...pieces, before: "broken piece" } },
  ),
  kind(
    "upload, DELETE",
    "target",
    "DELETE",
    uploads(() => true),
    { effort: "optional", scene: { before: "broken upload" } },
  ),
  kind("child manifest, PUT", "target", "PUT", at(`${manifests}${child}`)),
  kind("tag, PUT", "target", "PUT", at(`${manifests}${tag}`)),
  kind("target referrers, GET", "target", "GET", at(`/referrers/${content.subject.digest}`), {
    body: "refusal",
    scene: referrers,
  }),
  kind("list of referrers, GET", "target", "GET", at(fallback), { body: "refusal", scene: referrers }),
  kind("list of referrers, PUT", "target", "PUT", at(fallback), { scene: referrers }),
];

/** Whether the request has connections of its own kind, as HEADs have, and what carries a blob or ends its upload. */
export function usesLane({ body, method, effort }: Kind): boolean {
  return method === "HEAD" || body === "blob" || effort === "piece" || (effort === "session" && method === "PUT");
}
