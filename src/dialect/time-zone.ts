/** Where clocks are set alike. */
export interface TimeZone {
  /** As it was asked for. */
  readonly name: string;
  /** What is added to UTC to get the wall clock at an instant; both in milliseconds. */
  offsetAtMs(instantMs: number): number;
}

/** First words of the zone database's names. What else Intl would take is its own invention, such as `SystemV/PST8`. */
const areas: ReadonlySet<string> = new Set(
  "Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US".split(
    " ",
  ),
);

/** Names without an area. Intl knows more, and takes `BST` for Dhaka and `PST` for a zone with summer time. */
const loneNames: ReadonlySet<string> = new Set(
  (
    "CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran " +
    "Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK " +
    "Singapore Turkey UCT UTC Universal W-SU WET Zulu"
  ).split(" "),
);

/** The time zones that were asked for, each made once: one takes more memory than the schedules that share it. */
export class TimeZones {
  readonly #known = new Map<string, TimeZone | undefined>();

  /** The zone of that name; `undefined` when there is none. Spec: IANA time zone database. */
  find(name: string): TimeZone | undefined {
    if (name === "UTC") return utc;
    if (!this.#known.has(name)) this.#known.set(name, makeTimeZone(name));
    return this.#known.get(name);
  }
}

/** The zone whose clocks nobody sets. */
export const utc: TimeZone = { name: "UTC", offsetAtMs: () => 0 };

/**
 * The first instant after `startMs`, and not after `endMs`, at which the clocks are no longer set as they are at
 * `startMs`; `undefined` when they stay. Two changes within a day that undo each other are not seen; there are none.
 */
export function nextChangeMs(zone: TimeZone, startMs: number, endMs: number): number | undefined {
  const offset = zone.offsetAtMs(startMs);
  let before = startMs;
  while (before < endMs) {
    let after = Math.min(before + dayMs, endMs);
    if (zone.offsetAtMs(after) === offset) {
      before = after;
      continue;
    }
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (zone.offsetAtMs(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }
  return undefined;
}

const dayMs = 86_400_000;

function makeTimeZone(name: string): TimeZone | undefined {
  const [area = "", ...places] = name.split("/");
  const wellFormed = places.length === 0 ? loneNames.has(area) : areas.has(area);
  const format = wellFormed ? offsetFormat(name) : undefined;
  return format === undefined ? undefined : { name, offsetAtMs: (instantMs) => readOffsetMs(format.format(instantMs)) };
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Reads the end of `3/29/2026, GMT+02:00`; seconds occur before the zones were invented. */
function readOffsetMs(text: string): number {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
  const magnitude = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === "-" ? -magnitude : magnitude;
}
