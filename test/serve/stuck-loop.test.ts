import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { token } from "../support/listening.ts";

const program = fileURLToPath(new URL("../support/stuck-listener.ts", import.meta.url));

test("a process whose loop is stuck answers no probe in time, and all of them afterwards", async () => {
  const stuckMs = 1_500;
  await using process_ = await startDaemon(
    process.execPath,
    [program, String(stuckMs), token],
    /listening at (http:\S+)\n/,
  );
  const probe = async (path: string, limitMs: number): Promise<number | "no answer"> => {
    const signal = AbortSignal.timeout(limitMs);
    return await fetch(`${process_.captured}${path}`, { signal }).then(
      ({ status }) => status,
      () => "no answer" as const,
    );
  };
  const before = await probe("/livez", 10_000);

  const headers = { authorization: `Bearer ${token}` };
  const stuck = fetch(`${process_.captured}/-/reload`, { method: "POST", headers });
  await vi.waitFor(() => expect(process_.output()).toContain("stuck\n"));
  const during = await Promise.all(["/livez", "/readyz"].map((path) => probe(path, stuckMs / 3)));

  expect(before).toBe(200);
  expect(during).toEqual(["no answer", "no answer"]);
  expect((await stuck).status).toBe(200);
  expect(await probe("/livez", 10_000)).toBe(200);
});
