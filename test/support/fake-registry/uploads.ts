import { randomUUID } from "node:crypto";
import { algorithmOf, asDigest, digestOf } from "../../../src/oci/digest.ts";
import type { StoredRepositories, StoredRepository } from "./content.ts";
import type { Incoming, RecordedRequest } from "./exchange.ts";
import { created, refusal } from "./replies.ts";
import type { Reply } from "./reply.ts";

/** How uploads work on a registry. */
export interface UploadOptions {
  /** `OCI-Chunk-Min-Length` of every session, in bytes. */
  readonly chunkMinBytes?: number;
  /** Finds a blob to mount in any repository when the request names none. */
  readonly anonymousMount?: boolean;
  /** Takes the blob that comes with the first POST. */
  readonly singlePost?: boolean;
  /** Addresses of sessions are whole URLs instead of paths. */
  readonly absoluteLocations?: boolean;
  /** Every answer moves the session to a new address, and the old one is unknown from then on. */
  readonly movingLocations?: boolean;
  /** Bytes of all blobs that fit. */
  readonly quotaBytes?: number;
}

interface Session {
  readonly id: string;
  readonly name: string;
  received: Uint8Array;
  /** How often its address has changed. */
  moves: number;
}

/** Upload sessions of a registry, and what becomes of them. */
export class Uploads {
  readonly #options: UploadOptions;
  readonly #repositories: StoredRepositories;
  readonly #sessions = new Map<string, Session>();

  constructor(options: UploadOptions, repositories: StoredRepositories) {
    this.#options = options;
    this.#repositories = repositories;
  }

  /** How many sessions were begun and neither finished nor cancelled. */
  get open(): number {
    return this.#sessions.size;
  }

  /** Ends every session, as a registry does that cleans up. */
  expire(): void {
    this.#sessions.clear();
  }

  /** `POST …/blobs/uploads/`: mounts, takes a whole blob, or opens a session. */
  async begin(incoming: Incoming, name: string): Promise<Reply> {
    const { request } = incoming;
    const repository = this.#repositories.get(name);
    const mounted = this.#mount(request, repository);
    if (mounted !== undefined) return created(name, "blobs", mounted);
    const session: Session = { id: randomUUID(), name, received: new Uint8Array(), moves: 0 };
    const digest = request.query.get("digest");
    if (this.#options.singlePost === true && digest !== null) {
      return this.#commit(session, digest, await incoming.readBody());
    }
    this.#sessions.set(session.id, session);
    const minimum = this.#options.chunkMinBytes;
    return {
      status: 202,
      headers: {
        ...this.#whereabouts(session, request),
        ...(minimum === undefined ? {} : { "oci-chunk-min-length": String(minimum) }),
      },
    };
  }

  /** Any other request to a session's address. */
  async proceed(incoming: Incoming, id: string): Promise<Reply> {
    const { request } = incoming;
    const session = this.#sessions.get(id);
    if (session === undefined) return refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    if (!request.target.includes(this.#stateOf(session))) {
      return refusal(404, "BLOB_UPLOAD_INVALID", "blob upload invalid");
    }
    switch (request.method) {
      case "GET":
        return { status: 204, headers: this.#whereabouts(session, request) };
      case "DELETE":
        this.#sessions.delete(id);
        return { status: 204 };
      case "PATCH":
        return await this.#append(incoming, session);
      case "PUT":
        return await this.#finish(incoming, session);
      default:
        return refusal(405, "UNSUPPORTED", "the operation is unsupported");
    }
  }

  async #append(incoming: Incoming, session: Session): Promise<Reply> {
    const refused = this.#refuseChunk(incoming.request, session);
    if (refused !== undefined) return refused;
    const before = session.received;
    try {
      session.received = Buffer.concat([before, await incoming.readBody()]);
    } catch (brokenOff) {
      session.received = Buffer.concat([before, incoming.bodySoFar()]);
      throw brokenOff;
    }
    session.moves += 1;
    return { status: 202, headers: this.#whereabouts(session, incoming.request) };
  }

  async #finish(incoming: Incoming, session: Session): Promise<Reply> {
    const refused = this.#refuseChunk(incoming.request, session);
    if (refused !== undefined) return refused;
    const digest = incoming.request.query.get("digest");
    if (digest === null) return refusal(400, "DIGEST_INVALID", "digest missing");
    const content = Buffer.concat([session.received, await incoming.readBody()]);
    this.#sessions.delete(session.id);
    return this.#commit(session, digest, content);
  }

  #commit(session: Session, digestText: string, content: Uint8Array): Reply {
    const digest = asDigest(digestText);
    if (digest === undefined || digestOf(content, algorithmOf(digest)) !== digest) {
      return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    const quota = this.#options.quotaBytes ?? Number.POSITIVE_INFINITY;
    if (this.#repositories.blobBytes() + content.byteLength > quota) {
      return refusal(403, "DENIED", "adding this blob would exceed the storage quota");
    }
    this.#repositories.get(session.name).blobs.set(digest, content);
    return created(session.name, "blobs", digest);
  }

  #mount({ query }: RecordedRequest, target: StoredRepository): string | undefined {
    const digest = asDigest(query.get("mount") ?? "");
    const from = query.get("from");
    if (digest === undefined) return undefined;
    const names = from === null && this.#options.anonymousMount === true ? this.#repositories.names() : [from ?? ""];
    const holder = names.map((name) => this.#repositories.find(name)).find((held) => held?.blobs.has(digest));
    const bytes = holder?.blobs.get(digest);
    if (bytes === undefined) return undefined;
    target.blobs.set(digest, bytes);
    return digest;
  }

  /** What is wrong with the headers of a request that brings bytes, or `undefined`. */
  #refuseChunk(request: RecordedRequest, session: Session): Reply | undefined {
    const { "content-range": range, "content-type": type, "content-length": length } = request.headers;
    if (length !== "0" && type !== "application/octet-stream") {
      return refusal(415, "UNSUPPORTED", `a blob cannot be of type ${type ?? "none"}`);
    }
    if (range === undefined) return undefined;
    const start = /^([0-9]+)-[0-9]+$/.exec(range)?.[1];
    if (start === undefined) return refusal(400, "RANGE_INVALID", "invalid content range");
    if (Number(start) === session.received.byteLength) return undefined;
    return {
      ...refusal(416, "RANGE_INVALID", "the chunk does not follow what was received"),
      headers: { "content-type": "application/json", ...this.#whereabouts(session, request) },
    };
  }

  /** Where the session is now, and how far it has come. */
  #whereabouts(session: Session, request: RecordedRequest): Record<string, string> {
    const path = `/v2/${session.name}/blobs/uploads/${session.id}?${this.#stateOf(session)}`;
    const origin = this.#options.absoluteLocations === true ? request.origin : "";
    return {
      location: `${origin}${path}`,
      range: `0-${Math.max(0, session.received.byteLength - 1)}`,
      "docker-upload-uuid": session.id,
    };
  }

  /** A part of the query that is accepted only byte for byte: a client that encodes it anew has lost its way. */
  #stateOf(session: Session): string {
    return `_state=a%20b(~)%2B${this.#options.movingLocations === true ? session.moves : 0}`;
  }
}
