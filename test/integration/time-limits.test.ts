import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { altered } from "../support/fake-registry/replies.ts";
import { makeImage } from "../support/images.ts";
import { parseLog } from "../support/log-lines.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";

// The limits under `defaults: {timeouts: …}`, by the real command. With the usual ones these runs would take minutes.

const image = makeImage({ seed: 1, layerBytes: [5_000] });
const [, layerDigest = ""] = [...image.blobs.keys()];

/** Mirrors one image with one limit of 200 ms, between registries without TLS. */
async function mirror(limit: string, source: FakeRegistry, target: FakeRegistry): Promise<ProgramResult> {
  const config = configText({
    creds: [source, target].map(({ name }) => ({ registry: name, tls: "disabled" })),
    defaults: { timeouts: { [limit]: "200ms" } },
    sync: [{ source: `${source.name}/app:v1`, target: `${target.name}/app:v1`, type: "image" }],
  });
  return await runProgram(["once", "--logopt", "json"], { config });
}

describe.concurrent("a time limit that is set is the one that counts:", () => {
  test.for([
    {
      limit: "answer",
      silence: (source: FakeRegistry) => source.on("* /v2/app/manifests/v1", "silence"),
      says: "has not answered for 0.2 s",
    },
    {
      limit: "commit",
      silence: (_: FakeRegistry, target: FakeRegistry) => target.on("PUT *", "silence"),
      says: "has not answered for 0.2 s",
    },
    {
      limit: "stall",
      silence: (source: FakeRegistry) => {
        const stalls = altered((reply) => ({ ...reply, delivery: { sentBytes: 100, ending: "stall" } }));
        source.on(`GET /v2/app/blobs/${layerDigest}`, stalls);
      },
      says: "has not sent a byte of its answer for 0.2 s",
    },
  ])("$limit", async ({ limit, silence, says }) => {
    await using source = await FakeRegistry.start();
    await using target = await FakeRegistry.start();
    source.add("app", image, "v1");
    silence(source, target);

    const result = await mirror(limit, source, target);

    expect(result.exit, result.stderr).toBe(1);
    expect(parseLog(result.stderr)).toContainEqual(
      expect.objectContaining({ level: "ERROR", code: "REGISTRY_STALLED", error: expect.stringContaining(says) }),
    );
    expect(target.repository("app").tags.has("v1")).toBe(false);
  });

  test("tls", async () => {
    const listen = (socket: Socket): void => void socket.on("error", () => undefined).resume();
    await using mute = createServer(listen).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo; // of a server that listens to a port
    const name = `127.0.0.1:${port}`;
    const sync = [{ source: `${name}/app:v1`, target: "ocidir://app:v1", type: "image" }];

    const result = await runProgram(["once", "--logopt", "json"], {
      config: configText({ defaults: { timeouts: { tls: "200ms" } }, sync }),
    });

    expect(result.exit, result.stderr).toBe(1);
    expect(parseLog(result.stderr)).toContainEqual(
      expect.objectContaining({
        level: "ERROR",
        code: "REGISTRY_UNREACHABLE",
        error: expect.stringContaining("the TLS handshake did not end within 0.2 s"),
      }),
    );
  });
});
