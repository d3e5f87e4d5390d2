import { expect, test } from "vitest";
import { addImage } from "../copy/samples.ts";
import { hourly, TestServer } from "./servers.ts";

const hour = 60 * 60 * 1_000;
const tags = 10;

/** What a day of a server that looks every hour asks, after its start. */
async function dayOf(immutable: readonly string[]): Promise<{ readonly source: object; readonly target: object }> {
  using server = await TestServer.make([hourly("app", { tags: { allow: [], deny: [], semverRange: [], immutable } })]);
  for (let tag = 0; tag < tags; tag += 1) addImage(server.source("app"), `v${tag}`, [`layer ${tag}`]);
  await server.begin();
  // What was copied is looked at once more before it counts as agreed on.
  for (let passed = 0; passed < 2; passed += 1) await server.pass(hour);
  server.source("app").calls.length = 0;
  server.target("app").calls.length = 0;
  for (let passed = 0; passed < 24; passed += 1) await server.pass(hour);
  return { source: countOf(server.source("app").calls), target: countOf(server.target("app").calls) };
}

function countOf(calls: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const call of calls) {
    const kind = call.split(" ", 1)[0] ?? "";
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

test("a day of hourly runs asks each side for each tag 24 times, and for the list 24 times", async () => {
  expect(await dayOf([])).toEqual({ source: { tags: 24, head: 24 * tags }, target: { head: 24 * tags } });
});

test("a day of hourly runs asks for no tag that is immutable, once both sides agreed", async () => {
  expect(await dayOf(["v.*"])).toEqual({ source: { tags: 24 }, target: {} });
});
