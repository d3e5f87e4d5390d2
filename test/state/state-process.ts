import { systemClock } from "../../src/base/clock.ts";
import { parseDigest } from "../../src/oci/digest.ts";
import { State } from "../../src/state/state.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

// A process that remembers one tag for longer than a second and one for less, says so, and waits until it is killed.
const [folder = ""] = process.argv.slice(2);
const digest = parseDigest(`sha256:${"a".repeat(64)}`);
const clock = new FakeClock(systemClock.now());
const state = State.open(folder, clock, silentLog);
state.tags.note("lasting", "lasting", digest, 1);
clock.advance(1_000);
state.tags.note("young", "young", digest, 2);
console.log("ready");
setInterval(() => undefined, 60_000);
