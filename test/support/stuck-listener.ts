import { systemClock } from "../../src/base/clock.ts";
import { Secret } from "../../src/base/secret.ts";
import { startListener } from "../../src/serve/listener.ts";
import { FakeServer } from "./fake-server.ts";
import { silentLog } from "./silent-log.ts";

// A listener in a process of its own, whose loop is stuck for so many milliseconds when it is told to reload.
const [stuckMs = "0", token = ""] = process.argv.slice(2);
const server = new FakeServer(systemClock);
server.reloading = () => {
  process.stdout.write("stuck\n");
  const untilMs = systemClock.monotonic() + Number(stuckMs);
  while (systemClock.monotonic() < untilMs);
  return Promise.resolve({ kind: "unchanged" });
};
const listener = await startListener({
  address: { host: "127.0.0.1", port: 0 },
  tls: undefined,
  token: new Secret(token),
  health: { kind: "never" },
  status: server,
  controls: server,
  metrics: { text: () => Promise.resolve("") },
  version: "test",
  copyStallMs: 3_600_000,
  clock: systemClock,
  log: silentLog,
});
process.stdout.write(`listening at ${listener.url}\n`);
