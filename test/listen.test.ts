import { expect, test } from "vitest";
import { Secret } from "../src/base/secret.ts";
import type { Plan, PlannedServer } from "../src/config/plan.ts";
import { followPlans } from "../src/listen.ts";
import type { Listener } from "../src/serve/listener.ts";
import { RecordingLog } from "./support/silent-log.ts";
import { planOf, plainServer } from "./sync/passes.ts";

/** A listener that notes which certificates it is given, and what follows the plans for it. */
function followed(first: Partial<PlannedServer>) {
  const certificates: string[] = [];
  const listener: Listener = {
    url: "https://127.0.0.1:1",
    port: 1,
    useRules: () => undefined,
    useCertificate: ({ certPem }) => void certificates.push(certPem),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const log = new RecordingLog();
  const follow = followPlans(listener, planWith(first), log);
  return { certificates, log, follow: (server: Partial<PlannedServer>) => follow(planWith(server)) };
}

function planWith(server: Partial<PlannedServer>): Plan {
  return { ...planOf([]), server: { ...plainServer, ...server } };
}

function pair(name: string): PlannedServer["tls"] {
  return { certPem: name, keyPem: new Secret(`key of ${name}`) };
}

test("a renewed certificate is used, once, and also after a file that named none", () => {
  const { certificates, follow } = followed({ tls: pair("first") });

  for (const tls of [pair("first"), pair("second"), pair("second"), undefined, pair("second"), pair("third")]) {
    follow({ tls });
  }

  expect(certificates).toEqual(["second", "third"]);
});

test("an address that changes, and TLS that comes or goes, is said to take a new start", () => {
  const { certificates, log, follow } = followed({ listen: ":1" });

  follow({ listen: ":1" });
  expect(log.at("warn")).toEqual([]);
  follow({ listen: ":2" });
  follow({ listen: ":2", tls: pair("new") });

  expect(log.at("warn")).toEqual([
    "Where the server listens, and whether it speaks TLS, change only when it is started again",
    "Where the server listens, and whether it speaks TLS, change only when it is started again",
  ]);
  expect(certificates).toEqual([]);
});
