import { Failure } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { manifestLimitBytes } from "../oci/manifest.ts";
import { bareMediaType, mediaTypes } from "../oci/media-type.ts";
import { asObject, listField, Misshapen, parseJson } from "../oci/raw.ts";
import { readDescriptor } from "../oci/read-descriptor.ts";
import { referrersTag } from "../oci/referrers-list.ts";
import type { Referrers } from "../oci/store.ts";
import type { Reply } from "./answer.ts";
import { isNotFound, isUnsupported } from "./ask.ts";
import { DocumentInvalid, RegistryAnswerInvalid } from "./failures.ts";
import { readFallback } from "./fallback-tag.ts";
import { readPages } from "./pages.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";
import { refusalOf } from "./status.ts";

/** Referrers of one manifest that are kept. */
const mostReferrers = 100_000;
/** Bytes of all pages of one list: what is kept may be all that they hold. */
const listLimitBytes = 64 * 1024 * 1024;

/** Whether a repository answers the referrers API, as far as it was asked lately. */
export interface ReferrersSupport {
  get(repository: string): boolean | undefined;
  set(repository: string, isSupported: boolean): void;
}

/**
 * Lists the manifests that refer to another one: by the referrers API, or by the fallback tag where that is not
 * supported.
 *
 * Only 404, 405, 501 and the code UNSUPPORTED say so, and a page that is no index at all; any other failure is
 * thrown, because it says nothing about referrers. Unfiltered, each once.
 * Spec: regsync.md §7.11, as the README decides it; registry-protocol.md §1.10.
 */
export async function listReferrers(
  access: RepositoryAccess,
  subject: Digest,
  support: ReferrersSupport,
  signal: AbortSignal,
): Promise<Referrers> {
  const listed = await askApi(access, subject, support, signal);
  if (listed !== undefined) return { descriptors: listed, fallbackTag: undefined };
  const descriptors = await readFallback(access, subject, signal);
  if (descriptors === undefined) return { descriptors: [], fallbackTag: undefined };
  return { descriptors: unique(descriptors), fallbackTag: referrersTag(subject) };
}

/** Whether the registry itself lists referrers; it is asked when that is not known. */
export async function hasReferrersApi(
  access: RepositoryAccess,
  subject: Digest,
  support: ReferrersSupport,
  signal: AbortSignal,
): Promise<boolean> {
  return support.get(access.name) ?? (await askApi(access, subject, support, signal)) !== undefined;
}

/** What the referrers API lists; `undefined` when it is not supported. */
async function askApi(
  access: RepositoryAccess,
  subject: Digest,
  support: ReferrersSupport,
  signal: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  if (support.get(access.name) === false) return undefined;
  const asked = question("GET", `referrers/${subject}`, { headers: { accept: mediaTypes.ociIndex } });
  const found = new Map<Digest, Descriptor>();
  let length = 0;
  try {
    await readPages(
      {
        first: (unfit) => access.read(() => asked, [200], signal, unfit),
        at: (url, { request: { host } }) => access.ask(access.requestAt(url, asked, host), [200], signal),
        limitBytes: manifestLimitBytes,
      },
      (bytes, reply) => {
        length += bytes.byteLength;
        if (length > listLimitBytes) throw unusable(reply, `its pages are longer than ${listLimitBytes} bytes`);
        for (const descriptor of readPage(bytes, reply)) found.set(descriptor.digest, descriptor);
        if (found.size > mostReferrers) throw unusable(reply, `it lists more than ${mostReferrers} referrers`);
      },
    );
    support.set(access.name, true);
    return [...found.values()];
  } catch (failure) {
    const isUnknown = failure instanceof NoIndex || isNotFound(failure) || isUnsupported(failure);
    if (!isUnknown) throw failure;
    // A repository that does not exist says nothing about the API.
    if (refusalOf(failure)?.codes.includes("NAME_UNKNOWN") !== true) support.set(access.name, false);
    return undefined;
  }
}

/** The answer is some page, as hosts give it for addresses they do not know. */
class NoIndex extends Failure {
  readonly code = "REGISTRY_ANSWER_INVALID";
}

function readPage(bytes: Uint8Array, reply: Reply): readonly Descriptor[] {
  if (bareMediaType(reply.header("content-type") ?? "") !== mediaTypes.ociIndex) throw new NoIndex("no index");
  try {
    return listField(asObject(parseJson(bytes), "the index"), "manifests").map((item, position) =>
      readDescriptor(item, `manifests[${position}]`),
    );
  } catch (thrown) {
    if (!(thrown instanceof Misshapen)) throw thrown;
    throw new DocumentInvalid(reply.request.method, reply.request.url, thrown.message, thrown);
  }
}

function unusable({ request: { method, url } }: Reply, reason: string): RegistryAnswerInvalid {
  return new RegistryAnswerInvalid(method, url, reason);
}

function unique(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
