import { Interrupted } from "../base/failure.ts";
import { LingeringController } from "../base/lingering.ts";
import type { Lease } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf } from "../oci/digest.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import { announcedDigest, contradicts } from "./announced-digest.ts";
import type { Reply } from "./answer.ts";
import { RegistryAnswerInvalid } from "./failures.ts";
import { isOwnOrigin } from "./origin.ts";
import { type Question, question, type RepositoryAccess } from "./repository-access.ts";
import { uploadAddress, withQuery } from "./upload-address.ts";

/** Waiting for a host to forget an upload, in milliseconds: it does so by itself sooner or later. */
const cancelLimitMs = 5_000;
/** An upload that is just being opened when everything stops can only be cancelled once the host said where it is. */
const openingLimitMs = 2_000;

/** What came of asking a host for an upload. */
export type Opening = { readonly kind: "mounted" } | { readonly kind: "session"; readonly session: UploadSession };

/** One upload that a host opened: where it goes on, and what is known of its progress. */
export class UploadSession {
  readonly #access: RepositoryAccess;
  readonly #lease: Lease;
  #url: URL;
  /** Smallest and largest piece that the host takes, in bytes; `undefined` when it does not say. */
  readonly chunkMinBytes: number | undefined;
  readonly chunkMaxBytes: number | undefined;

  private constructor(access: RepositoryAccess, lease: Lease, url: URL, reply?: Reply) {
    this.#access = access;
    this.#lease = lease;
    this.#url = url;
    this.chunkMinBytes = reply === undefined ? undefined : bytesIn(reply, "oci-chunk-min-length");
    this.chunkMaxBytes = reply === undefined ? undefined : bytesIn(reply, "oci-chunk-max-length");
  }

  /** Opens an upload. Throws `REGISTRY_DENIED` and so on, in the registry's words, before any content is needed. */
  static async start(
    access: RepositoryAccess,
    blob: Descriptor,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<UploadSession> {
    const algorithm = algorithmOf(blob.digest);
    const path = `blobs/uploads/${algorithm === "sha256" ? "" : `?digest-algorithm=${algorithm}`}`;
    using opening = new LingeringController(signal, openingLimitMs, access.clock);
    const asked = access.requestTo(question("POST", path, { lease }));
    await using reply = await access.ask(asked, [202, 200], opening.signal);
    const location = locationOf(reply);
    if (location === undefined) {
      throw new RegistryAnswerInvalid("POST", reply.request.url, "it does not say where to upload to");
    }
    return await new UploadSession(access, lease, location, reply).#unless(signal);
  }

  /**
   * Asks for a blob that the host has already: in the repository `from`, or anywhere when that is `undefined`. The
   * host may open an upload instead; `undefined` when it does neither.
   */
  static async mount(
    access: RepositoryAccess,
    blob: Descriptor,
    from: string | undefined,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Opening | undefined> {
    const path = `blobs/uploads/?mount=${blob.digest}${from === undefined ? "" : `&from=${from}`}`;
    const asked = question("POST", path, { lease, mountFrom: from, effort: "probe" });
    using opening = new LingeringController(signal, openingLimitMs, access.clock);
    await using reply = await access.ask(access.requestTo(asked), [201, 202], opening.signal);
    if (reply.status === 201) return { kind: "mounted" };
    const location = locationOf(reply);
    if (location === undefined) return undefined;
    return { kind: "session", session: await new UploadSession(access, lease, location, reply).#unless(signal) };
  }

  /**
   * Goes on with an upload that was begun before, at an address that is one of the host's own; asks nothing yet.
   * `undefined` when it is not.
   */
  static at(location: string, access: RepositoryAccess, lease: Lease): UploadSession | undefined {
    const url = URL.parse(location);
    return url !== null && isOwnOrigin(url, access.host) ? new UploadSession(access, lease, url) : undefined;
  }

  /** Where it goes on. May let in whoever knows it. */
  get location(): string {
    return this.#url.href;
  }

  /** Itself; or cancelled, when everything stopped while it was being opened. */
  async #unless(signal: AbortSignal): Promise<this> {
    if (!signal.aborted) return this;
    await this.cancel();
    throw new Interrupted(signal.reason);
  }

  /**
   * Sends the bytes from `start` to before `end`. Answers with the number of bytes the host says it has, `undefined`
   * when that tells nothing.
   */
  async patch(body: Question["body"], start: number, end: number, signal: AbortSignal): Promise<number | undefined> {
    const headers = { "content-range": `${start}-${end - 1}` };
    await using reply = await this.#ask("PATCH", this.#url, { headers, body }, [202, 201, 200, 204], signal);
    return this.#move(reply);
  }

  /** Asks how many bytes the host has; `undefined` when it does not say. */
  async progress(signal: AbortSignal): Promise<number | undefined> {
    await using reply = await this.#ask("GET", this.#url, {}, [204, 200], signal);
    return this.#move(reply);
  }

  /**
   * Ends the upload, with the content or after it. Answers whether the host is sure to have the blob now.
   *
   * Throws `DIGEST_MISMATCH` when it stored something else.
   */
  async commit(blob: Descriptor, body: Question["body"], signal: AbortSignal): Promise<boolean> {
    const url = withQuery(this.#url, `digest=${blob.digest}`);
    await using reply = await this.#ask("PUT", url, { body }, [201, 204, 200, 202], signal);
    const stored = announcedDigest(reply);
    if (stored !== undefined && contradicts(stored, blob.digest)) throw new DigestMismatch(blob.digest, stored);
    return reply.status === 201 || reply.status === 204 || stored === blob.digest;
  }

  /** Lets the host forget the upload, also when everything was interrupted. Never fails. */
  async cancel(): Promise<void> {
    // An object store that the host sent us to knows nothing of cancelling, and the host hears nothing of it.
    if (!isOwnOrigin(this.#url, this.#access.host)) return;
    const patience = new AbortController();
    using _limit = this.#access.clock.after(cancelLimitMs, () => patience.abort());
    try {
      await using _reply = await this.#ask("DELETE", this.#url, { effort: "probe" }, [204, 202, 200], patience.signal);
    } catch {
      // Hosts clean up by themselves, and many do not let us.
    }
  }

  #ask(
    method: Question["method"],
    url: URL,
    details: Partial<Question>,
    accepted: readonly number[],
    signal: AbortSignal,
  ): Promise<Reply> {
    const asked = question(method, "", { access: "pull,push", lease: this.#lease, effort: "once", ...details });
    return this.#access.ask(this.#access.requestAt(url, asked), accepted, signal);
  }

  /** Goes on where the host says, and reads how far it has come. Spec: registry-protocol.md §10.1. */
  #move(reply: Reply): number | undefined {
    this.#url = locationOf(reply) ?? this.#url;
    const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(reply.header("range") ?? "")?.[1];
    // `0-0` is said of one byte as well as of none.
    return last === undefined || last === "0" ? undefined : Number(last) + 1;
  }
}

function locationOf(reply: Reply): URL | undefined {
  const location = reply.header("location");
  return location === undefined ? undefined : uploadAddress(reply.url, location, reply.request.host);
}

function bytesIn(reply: Reply, header: string): number | undefined {
  const text = reply.header(header) ?? "";
  return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}
