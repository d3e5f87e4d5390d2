import { systemClock } from "../src/base/clock.ts";

/** In the place of what Node has under this name, of which packages use one function, and which loads much besides. */
export const performance = { now: () => systemClock.monotonic() };
