import type { Clock } from "../base/clock.ts";
import { AdaptiveWidth } from "./adaptive-width.ts";
import { HostPace } from "./host-pace.ts";
import { Spacing } from "./layers/with-spacing.ts";
import type { HostSettings } from "./settings.ts";

/** Everything that decides when requests to one host are sent, shared by whoever talks to it. */
export class HostTraffic {
  readonly width: AdaptiveWidth;
  readonly pace: HostPace;
  readonly spacing: Spacing;
  /** Whether it takes mounts that do not say from where. Every host is asked until it refuses once. */
  mountsAnonymously = true;

  constructor(host: HostSettings, clock: Clock) {
    this.width = new AdaptiveWidth(host.concurrency, clock);
    this.pace = new HostPace(host.name, clock);
    this.spacing = new Spacing(host.requestsPerSecond);
  }
}

/** The traffic of every host that was talked to, by the host's name. */
export class Traffic {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, HostTraffic>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(host: HostSettings): HostTraffic {
    const known = this.#hosts.get(host.name);
    if (known !== undefined) return known;
    const made = new HostTraffic(host, this.#clock);
    this.#hosts.set(host.name, made);
    return made;
  }

  /** Every host that was talked to, by its name. */
  hosts(): Iterable<[string, HostTraffic]> {
    return this.#hosts.entries();
  }
}
