/** What a host has shown of mounting blobs. */
interface Shown {
  /** Whether it gave a blob of one repository to another; `undefined` before it was tried on a sure one. */
  mounts: boolean | undefined;
  /** Whether it found a blob in the repository that it was to be mounted into. */
  findsOwn: boolean;
}

/**
 * What hosts have shown of mounting. Registries may answer every mount with an upload, and only seeing one succeed
 * tells those that look from those that do not. Spec: registry-protocol.md §1.8.
 */
export class MountingHosts {
  readonly #hosts = new Map<string, Shown>();

  /** A mount that the host could have granted: the blob was seen in the other repository. */
  crossed(host: string, mounted: boolean): void {
    const shown = this.#of(host);
    // One refusal may be about one repository; a mount that went well is proof.
    shown.mounts = mounted || shown.mounts === true;
  }

  /** A blob was mounted from the very repository it was meant for: the host looks there before it opens an upload. */
  foundOwn(host: string): void {
    this.#of(host).findsOwn = true;
  }

  /** Whether the host was seen refusing to mount, and never seen doing so: waiting for a home is in vain. */
  refuses(host: string): boolean {
    return this.#hosts.get(host)?.mounts === false;
  }

  /** Whether the host was seen mounting from one repository into another. */
  mounts(host: string): boolean {
    return this.#hosts.get(host)?.mounts === true;
  }

  /** Whether asking for a mount from the same repository tells for sure if the blob is there. */
  findsOwn(host: string): boolean {
    return this.#hosts.get(host)?.findsOwn === true;
  }

  #of(host: string): Shown {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const fresh: Shown = { mounts: undefined, findsOwn: false };
    this.#hosts.set(host, fresh);
    return fresh;
  }
}
