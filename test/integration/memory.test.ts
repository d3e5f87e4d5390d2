import { expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { makeImage } from "../support/images.ts";
import { runProgram } from "../support/program.ts";

// What keeps a pass small, where it can be told from outside.

test("compiles the HTTP parser once, however many answers it reads", async () => {
  await using source = await FakeRegistry.start();
  await using target = await FakeRegistry.start();
  for (let number = 0; number < 20; number += 1) source.add("app", makeImage({ seed: number + 1 }), `v${number}`);
  const creds = [source, target].map(({ name }) => ({ registry: name, tls: "disabled" }) as const);
  const entry = { source: `${source.name}/app`, target: `${target.name}/app`, type: "repository" };

  const { exit, stdout, stderr } = await runProgram(["once"], {
    config: configText({ creds, sync: [entry] }),
    nodeOptions: ["--trace-wasm-compilation-times"],
  });

  expect(exit, stderr).toBe(0);
  expect(stdout).toMatch(/^Compiled function .* using Liftoff/m);
  expect(stdout).not.toMatch(/^Compiled function .* using TurboFan/m);
});
