import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readInvocation } from "../../src/cli/invocation.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools, toolPath } from "../support/tools.ts";
import { deployFolder } from "./manifests.ts";

const run = promisify(execFile);
const repository = new URL("../../", import.meta.url);
const fileIn = (name: string): string => readFileSync(new URL(name, repository), "utf8");

/** The instructions of the Dockerfile, each on one line, without comments. */
const instructions = fileIn("Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\s*\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => line !== "");

function valuesOf(instruction: string): readonly string[] {
  return instructions
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));
}

describe("the image", () => {
  test("begins with what the builder chooses", () => {
    expect(valuesOf("FROM")).toEqual(["${BUILD_IMAGE} AS build", "${BASE_IMAGE}"]);
  });

  test("runs as a user that is a number above 0, which a cluster can check", () => {
    expect(valuesOf("USER")).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  });

  test("starts and is asked for its health without a shell", () => {
    const [check = ""] = valuesOf("HEALTHCHECK");

    expect(valuesOf("ENTRYPOINT")).toEqual(['["/usr/local/bin/regsync"]']);
    expect(check.slice(check.indexOf("CMD"))).toBe('CMD ["/usr/local/bin/regsync", "health"]');
    expect(valuesOf("CMD")).toEqual([]);
  });

  test("runs nothing in the stage that is kept, which has no shell", () => {
    const kept = instructions.slice(instructions.lastIndexOf("FROM ${BASE_IMAGE}"));

    expect(kept.filter((line) => line.startsWith("RUN "))).toEqual([]);
  });

  test("is made from nothing but what is listed, and no secret of a working folder can get in", () => {
    const lines = fileIn(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const listed = lines.slice(1).map((line) => line.replace(/^!/, ""));
    const copied = valuesOf("COPY")
      .filter((value) => !value.includes("--from="))
      .flatMap((value) => value.split(" ").slice(0, -1));

    expect(lines[0]).toBe("*");
    expect(lines.slice(1).every((line) => line.startsWith("!"))).toBe(true);
    expect(listed.filter((path) => !copied.some((from) => path === from || path.startsWith(`${from}/`)))).toEqual([]);
    expect(copied.filter((from) => !listed.some((path) => path === from || path.startsWith(`${from}/`)))).toEqual([]);
  });
});

describe("the Compose file", () => {
  const compose = parse(readFileSync(join(deployFolder, "compose.yaml"), "utf8")) as {
    readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly volumes: object;
  }; // our own file

  test("gives the program no right and nothing to write to but its own", () => {
    expect(compose.services["regsync"]).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      tmpfs: ["/tmp:size=64m"],
      volumes: ["./compose:/etc/regsync:ro", "state:/var/lib/regsync"],
    });
    expect(Object.keys(compose.volumes)).toEqual(["state", "images"]);
  });

  test("gives the server flags that it has", () => {
    const command = compose.services["regsync"]?.["command"] as readonly string[]; // by the form of Compose

    expect(readInvocation(command, 80).request).toMatchObject({
      kind: "server",
      flags: { config: "/etc/regsync/regsync.yml", stateDir: "/var/lib/regsync", listen: ":9090" },
    });
  });

  test("opens no port to other machines", () => {
    const ports = Object.values(compose.services).flatMap((service) => service["ports"]);

    expect(ports).toEqual(["127.0.0.1:9090:9090", "127.0.0.1:5000:5000"]);
  });

  test("mirrors into the registry beside it", () => {
    const text = readFileSync(join(deployFolder, "compose/regsync.yml"), "utf8");

    expect(parse(text)).toMatchObject({
      creds: [{ registry: "registry:5000", tls: "disabled" }],
      sync: [{ target: expect.stringMatching(/^registry:5000\//) }],
    });
    expect(Object.keys(compose.services)).toContain("registry");
  });
});

describe("the systemd unit", () => {
  const unit = readFileSync(join(deployFolder, "systemd/regsync.service"), "utf8");

  test.for([
    "Type=exec",
    "ExecStart=/usr/local/bin/regsync server --config=/etc/regsync/regsync.yml --state-dir=/var/lib/regsync",
    "ExecReload=/bin/kill -HUP $MAINPID",
    "DynamicUser=yes",
    "StateDirectory=regsync",
    "RestartPreventExitStatus=3",
  ])("says %s", (line) => {
    expect(unit.split("\n")).toContain(line);
  });

  test("gives the server flags that it has", () => {
    const [, command = ""] = /^ExecStart=\S+ (.*)$/m.exec(unit) ?? [];

    expect(readInvocation(command.split(" "), 80).request).toMatchObject({
      kind: "server",
      flags: { config: "/etc/regsync/regsync.yml", stateDir: "/var/lib/regsync" },
    });
  });

  describe.skipIf(!haveTools("systemdAnalyze"))("in systemd's own eyes", () => {
    /** The unit with a program that is there, since this machine need not have ours. */
    async function analyze(...args: readonly string[]): Promise<string> {
      await using folder = await makeTempFolder("unit");
      const file = join(folder.path, "regsync.service");
      writeFileSync(file, unit.replace("/usr/local/bin/regsync", process.execPath));
      const { stdout, stderr } = await run(toolPath("systemdAnalyze"), [...args, file], { timeout: 30_000 });
      return stdout + stderr;
    }

    test("has no line that is not understood", async () => {
      expect(await analyze("verify", "--man=no")).not.toContain("regsync.service");
    });

    test("is exposed no more than little", async () => {
      const text = await analyze("security", "--offline=true", "--threshold=20", "--no-pager");

      expect(text).toMatch(/Overall exposure level for regsync\.service: [01]\.\d/);
    });
  });
});
