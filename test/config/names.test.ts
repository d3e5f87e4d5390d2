import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import type { Plan, PlannedEntry } from "../../src/config/plan.ts";
import { planWorld } from "../support/plan-world.ts";

function planOf(text: string): Plan {
  const result = loadPlan(text, "regsync.yml", planWorld());
  return result.kind === "loaded" ? result.plan : expect.unreachable(JSON.stringify(result.complaints));
}

function nameOf(planned: PlannedEntry): string {
  return planned.kind === "ready" ? planned.entry.name : planned.name;
}

function namesOf(...entries: readonly string[]): string[] {
  return planOf(`sync: [${entries.map((entry) => `{type: image, ${entry}}`).join(", ")}]`).entries.map(nameOf);
}

describe("an entry is called", () => {
  test("what the file calls it", () => {
    expect(namesOf("name: Alpine_3.x, source: alpine, target: b.test/alpine")).toEqual(["Alpine_3.x"]);
  });

  test.each([
    ["b.test:5000/team/app:1.2", "b.test-5000-team-app-1.2"],
    ["ocidir:///srv/app", "srv-app"],
    ["b.test/app@sha256:0123", "b.test-app-sha256-0123"],
  ])("after its target otherwise: %s", (target, name) => {
    expect(namesOf(`source: alpine, target: "${target}"`)).toEqual([name]);
  });

  test("after its source when it has no target, so that it can be spoken of", () => {
    expect(namesOf("source: alpine")).toEqual(["alpine"]);
  });

  test("never after what may be a password", () => {
    expect(namesOf("source: alpine, target: 'me:hunter2@b.test/app'")[0]).not.toContain("hunter2");
  });

  test("otherwise than every other one, by what it mirrors and not by where it stands", () => {
    const [one, two, three] = ["source: one, target: t", "source: two, target: t", "source: three, target: t"] as const;

    const [first, second, third] = namesOf(one, two, three);
    const [, third2, second2] = namesOf(one, three, two);

    expect(new Set([first, second, third]).size).toBe(3);
    expect([second2, third2]).toEqual([second, third]);
  });

  test("otherwise than those that are all the same", () => {
    const names = namesOf(...Array.from({ length: 5 }, () => "source: one, target: t"));

    expect(new Set(names).size).toBe(5);
  });

  test("otherwise than one that has the name in the file, even further down", () => {
    const names = namesOf("source: one, target: t", "name: t, source: two, target: u");

    expect(names[1]).toBe("t");
    expect(names[0]).toMatch(/^t-[0-9a-f]{6}$/);
  });
});

describe("an entry is refused when its name", () => {
  test.each(["a/b", "a b", "-a", "\u00e4", "x".repeat(101), "{{.Sync.Source}}"])("is %j", (name) => {
    const [planned] = planOf(
      JSON.stringify({ sync: [{ name, source: "a", target: "b.test/b", type: "image" }] }),
    ).entries;

    expect(planned).toMatchObject({ kind: "refused", name: "b.test-b", complaints: [{ path: "sync[0].name" }] });
  });

  test("belongs to another one, which keeps it", () => {
    const { entries } = planOf(
      "sync: [{name: x, source: a, target: b, type: image}, {name: x, source: c, target: d, type: image}]",
    );

    expect(entries.map(nameOf)).toEqual(["x", "d"]);
    expect(entries[1]).toMatchObject({
      kind: "refused",
      complaints: [{ path: "sync[1].name", message: "x is the name of sync[0] already; write another one" }],
    });
  });
});
