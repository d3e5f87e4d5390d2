import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import { planWorld } from "../support/plan-world.ts";

const folder = new URL("../../config/examples/", import.meta.url);
const environment = { REGISTRY_USER: "mirror", REGISTRY_PASS: "a", HUB_USER: "mirror", HUB_TOKEN: "b" };
const files = {
  "/run/secrets/registry-password": "c\n",
  "/etc/regsync/example-ca.pem": "certificate",
  "/etc/regsync/client.pem": "certificate",
  "/etc/regsync/client.key": "key",
};

test.for(readdirSync(folder))("%s loads without a complaint, names the schema, and has nothing refused", (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");

  const result = loadPlan(text, name, planWorld(environment, files));

  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/regsync\.schema\.json\n/);
  expect(result.kind === "loaded" ? result.plan.complaints : result.complaints).toEqual([]);
  expect(result).toMatchObject({ kind: "loaded" });
});
