import type { Clock } from "../base/clock.ts";
import type { Failure } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { SizeMismatch } from "../oci/mismatch.ts";
import type { Download } from "../oci/store.ts";
import { type Reply, refuseEncoding } from "./answer.ts";
import { RegistryAnswerInvalid, RegistryStalled } from "./failures.ts";
import type { HostSettings } from "./settings.ts";
import { RegistryUnreachable } from "./transport/unreachable.ts";

/** Asks for the blob with these headers, and hosts that were of no use after all others. */
export type OpenFrom = (headers: Readonly<Record<string, string>>, unfit: ReadonlySet<HostSettings>) => Promise<Reply>;

/** Breaks in a row without much progress that are mended. Spec: registry-protocol.md §7.4. */
const mostBreaks = 5;
/** Progress that makes up for a break, in bytes. */
const progressBytes = 1024 * 1024;
/** The wait before a transfer goes on, doubled with each break in a row, in milliseconds. */
const baseWaitMs = 200;

/** A blob on its way, which goes on where it stopped when the transfer breaks. */
export class BlobDownload implements Download {
  readonly #blob: Descriptor;
  readonly #open: OpenFrom;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #reply: Reply;
  /** What broke off, for as long as whoever reads may still look at the last piece of it. */
  readonly #broken: Reply[] = [];
  #received = 0;
  /** Hosts that announced something else, or broke off without having brought much. */
  readonly #unfit: Set<HostSettings>;
  /** What the manifest says, or else the host; `undefined` when neither does. */
  readonly #sizeBytes: number | undefined;

  private constructor(
    blob: Descriptor,
    open: OpenFrom,
    reply: Reply,
    unfit: Set<HostSettings>,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#blob = blob;
    this.#open = open;
    this.#reply = reply;
    this.#unfit = unfit;
    this.#clock = clock;
    this.#signal = signal;
    this.#sizeBytes = blob.sizeBytes ?? announcedLength(reply);
  }

  /**
   * Asks for the first byte. A mirror that announces something else than the blob is passed over; of the registry
   * itself, and where a mirror comes round again, that is the failure. Throws `SIZE_MISMATCH` when a host announces
   * another size than the manifest.
   */
  static async begin(
    blob: Descriptor,
    open: OpenFrom,
    registry: HostSettings,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<BlobDownload> {
    const unfit = new Set<HostSettings>();
    for (;;) {
      const reply = await open({}, unfit);
      try {
        refuseOther(blob, reply);
        return new BlobDownload(blob, open, reply, unfit, clock, signal);
      } catch (thrown) {
        await reply[Symbol.asyncDispose]();
        const { host } = reply.request;
        if (host === registry || unfit.has(host)) throw thrown;
        unfit.add(host);
      }
    }
  }

  get chunks(): AsyncIterable<Uint8Array> {
    return this.#chunks();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#letGo();
    await this.#reply[Symbol.asyncDispose]();
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    let skip = 0;
    for (let breaks = 0; ; breaks++) {
      const before = this.#received;
      try {
        yield* this.#rest(skip);
        return;
      } catch (thrown) {
        if (this.#received === this.#sizeBytes) return;
        if (this.#received - before >= progressBytes) breaks = 0;
        else this.#unfit.add(this.#reply.request.host);
        if (breaks === mostBreaks || !isBreak(thrown)) throw thrown;
      }
      this.#broken.push(this.#reply);
      await this.#clock.sleep(baseWaitMs * 2 ** breaks, this.#signal);
      skip = await this.#resume();
    }
  }

  /** What comes on the present connection, less its first `skip` bytes. A clean end that is too early is a break. */
  async *#rest(skip: number): AsyncGenerator<Uint8Array, void> {
    let toSkip = skip;
    for await (const chunk of this.#reply.body) {
      const wanted = chunk.subarray(Math.min(toSkip, chunk.byteLength));
      toSkip -= chunk.byteLength - wanted.byteLength;
      if (wanted.byteLength === 0) continue;
      this.#received += wanted.byteLength;
      this.#refuseExcess();
      yield wanted;
      // The second piece after the last one of what broke is asked for.
      if (this.#broken.length > 0) await this.#letGo();
    }
    if (this.#sizeBytes !== undefined && this.#received < this.#sizeBytes) {
      throw new SizeMismatch(this.#blob.digest, this.#sizeBytes, this.#received);
    }
  }

  async #letGo(): Promise<void> {
    for (const reply of this.#broken.splice(0)) await reply[Symbol.asyncDispose]();
  }

  #refuseExcess(): void {
    if (this.#sizeBytes === undefined || this.#received <= this.#sizeBytes) return;
    throw new SizeMismatch(this.#blob.digest, this.#sizeBytes, this.#received);
  }

  /** Asks for what is missing. Answers with the number of bytes that come once more. */
  async #resume(): Promise<number> {
    const from = this.#received;
    // Some hosts want to be told the end.
    const range = `bytes=${from}-${this.#sizeBytes === undefined ? "" : this.#sizeBytes - 1}`;
    this.#reply = await this.#open(from === 0 ? {} : { range }, this.#unfit);
    if (this.#reply.status === 200) return from;
    const [, start, total = "*"] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(this.#reply.header("content-range") ?? "") ?? [];
    const isOtherSize = total !== "*" && this.#sizeBytes !== undefined && Number(total) !== this.#sizeBytes;
    if (Number(start) === from && !isOtherSize) return 0;
    throw unusable(this.#reply, "it is another part than the one that was asked for");
  }
}

/** Throws when an answer announces something else than the whole blob as it is. */
function refuseOther(blob: Descriptor, reply: Reply): void {
  refuseEncoding(reply);
  const announced = announcedLength(reply);
  if (reply.status !== 200) throw unusable(reply, "it is a part, and the whole was asked for");
  if (announced !== undefined && blob.sizeBytes !== undefined && announced !== blob.sizeBytes) {
    throw new SizeMismatch(blob.digest, blob.sizeBytes, announced);
  }
}

/** Whether the transfer broke, rather than its content being wrong. */
function isBreak(thrown: unknown): thrown is Failure {
  if (thrown instanceof SizeMismatch) return thrown.receivedBytes < thrown.expectedBytes;
  return thrown instanceof RegistryUnreachable || thrown instanceof RegistryStalled;
}

function announcedLength(reply: Reply): number | undefined {
  const length = reply.header("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function unusable({ request: { method, url } }: Reply, reason: string): RegistryAnswerInvalid {
  return new RegistryAnswerInvalid(method, url, reason);
}
