import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { freePort, startDaemon } from "../support/daemon.ts";
import { token } from "../support/listening.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools, toolPath } from "../support/tools.ts";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
/** As long as a kubelet waits for a probe would be too long for a test. */
const probeMs = 700;

test("a source registry that is down turns no probe red, and a process that is stuck turns all of them", async () => {
  await using folder = await makeTempFolder("endpoints");
  const down = `127.0.0.1:${await freePort()}`;
  const config = join(folder.path, "regsync.yml");
  await writeFile(
    config,
    `version: 1
server: {token: ${token}}
creds: [{registry: "${down}", tls: disabled}]
sync: [{name: app, source: "${down}/app", target: "ocidir://${folder.path}/mirror", type: repository, interval: 1h}]
`,
  );
  const environment = { HOME: folder.path, TZ: "UTC" };
  const args = [program, "server", "-c", config, "--listen", "127.0.0.1:0"];
  await using server = await startDaemon(process.execPath, args, /msg=Listening url=(\S+)/, environment);
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${server.captured}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const probe = async (path: string): Promise<number | "no answer"> =>
    await fetch(`${server.captured}${path}`, { signal: AbortSignal.timeout(probeMs) }).then(
      ({ status }) => status,
      () => "no answer" as const,
    );
  const probes = async () => await Promise.all(["/livez", "/readyz", "/startupz"].map(probe));

  // Everything that is tried again was, and the run has failed.
  await vi.waitFor(async () => expect((await ask("/healthz")).status).toBe(503), { timeout: 30_000, interval: 200 });
  const green = await probes();
  const metrics = await ask("/metrics");
  const open = await ask("/metrics", { accept: "application/openmetrics-text; version=1.0.0" });
  server.signal("SIGSTOP");
  const stuck = await probes();
  server.signal("SIGCONT");

  expect(green).toEqual([200, 200, 200]);
  expect(stuck).toEqual(["no answer", "no answer", "no answer"]);
  await vi.waitFor(async () => expect(await probes()).toEqual([200, 200, 200]), { timeout: 10_000 });
  expect(metrics.text).toContain('regsync_errors_total{step="app",class="unreachable"} 1\n');
  expect(metrics.text).toContain('regsync_step_up{step="app"} 0\n');
  expect(metrics.text).toMatch(new RegExp(`^regsync_http_client_requests_total.*"${down}".*code="error"} [1-9]`, "m"));
  expect(metrics.text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(open.text).toMatch(/\n# EOF\n$/);
  if (haveTools("promtool")) {
    const lint = spawnSync(toolPath("promtool"), ["check", "metrics"], { input: metrics.text, encoding: "utf8" });
    expect(lint.stdout + lint.stderr).toBe("");
  }
});

test("a token that is renewed in its file lets in at once, and the old one no more; a new address is left for a new start", async () => {
  await using folder = await makeTempFolder("renewed");
  const config = join(folder.path, "regsync.yml");
  const secret = join(folder.path, "token");
  const write = async (listen: string): Promise<void> =>
    await writeFile(
      config,
      `version: 1
server: {listen: "${listen}", token: '{{ file "${secret}" }}'}
sync: [{source: "ocidir://${folder.path}/none:v1", target: "ocidir://${folder.path}/mirror:v1", type: image, interval: 1h}]
`,
    );
  await writeFile(secret, token);
  await write("127.0.0.1:0");
  const args = [program, "server", "-c", config];
  await using server = await startDaemon(process.execPath, args, /msg=Listening url=(\S+)/, { HOME: folder.path });
  const statusWith = async (shown: string): Promise<number> =>
    (await fetch(`${server.captured}/metrics`, { headers: { authorization: `Bearer ${shown}` } })).status;
  expect([await statusWith(token), await statusWith("renewed")]).toEqual([200, 401]);

  await writeFile(secret, "renewed");
  server.signal("SIGHUP");
  await vi.waitFor(async () => expect(await statusWith("renewed")).toBe(200), { timeout: 10_000 });
  expect(await statusWith(token)).toBe(401);

  await write("127.0.0.1:1");
  server.signal("SIGHUP");
  await vi.waitFor(() => expect(server.output()).toContain("change only when it is started again"), 10_000);
  expect(await statusWith("renewed")).toBe(200);
  expect(server.output()).not.toContain("msg=Listening url=http://127.0.0.1:1");
});
