import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { FakeWorld } from "../support/fake-world.ts";

async function outputOf(...argv: string[]): Promise<string> {
  const world = new FakeWorld("version", ...argv);
  world.env["NAME"] = "value";
  expect(await runCli(world)).toBe(0);
  expect(world.stderr.text).toBe("");
  return world.stdout.text;
}

test("prints eight aligned lines", async () => {
  const lines = [
    "VCSTag:     unknown",
    "VCSRef:     unknown",
    "VCSCommit:  unknown",
    "VCSState:   unknown",
    "VCSDate:    unknown",
    "Platform:   linux/amd64",
    "GoVer:      node24.21.0",
    "GoCompiler: v8-13.6.233",
  ];

  expect(await outputOf()).toBe(`${lines.join("\n")}\n`);
  expect(await outputOf("--format", "{{printPretty .}}")).toBe(`${lines.join("\n")}\n`);
  expect(await outputOf("--format", "{{ printPretty . }}")).toBe(`${lines.join("\n")}\n`);
});

test("prints the same facts as JSON", async () => {
  const facts = {
    goVersion: "node24.21.0",
    goCompiler: "v8-13.6.233",
    platform: "linux/amd64",
    vcsCommit: "unknown",
    vcsDate: "unknown",
    vcsRef: "unknown",
    vcsState: "unknown",
    vcsTag: "unknown",
  };

  expect(await outputOf("--output", "json")).toBe(`${JSON.stringify(facts)}\n`);
  expect(await outputOf("--format", "{{json .}}")).toBe(`${JSON.stringify(facts)}\n`);
});

test("runs a template and adds no newline", async () => {
  expect(await outputOf("--format", "{{.VCSTag}} {{.VCSState}} on {{.Platform}}")).toBe(
    "unknown unknown on linux/amd64",
  );
  expect(await outputOf("--format", '{{env "NAME"}}{{file "/nonexistent/file"}}{{if .Debug}}debug{{end}}')).toBe(
    "value",
  );
  expect(await outputOf("--format", "")).toBe("");
  expect(await outputOf("--format", '{{env "constructor"}}{{env "__proto__"}}')).toBe("");
});

test.each(["{{.Nothing}}", "{{", "{{nosuch .}}", "{{.VCSTag.More}}"])("refuses the template %s", async (format) => {
  const world = new FakeWorld("version", "--format", format);

  expect(await runCli(world)).toBe(3);

  expect(world.stdout.text).toBe("");
  expect(world.stderr.lines).toEqual([expect.stringMatching(/^--format: template: /)]);
});
