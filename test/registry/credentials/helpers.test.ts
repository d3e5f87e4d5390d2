import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Helpers } from "../../../src/registry/credentials/helpers.ts";
import { runHelper } from "../../../src/registry/credentials/run-helper.ts";
import { basicHeader, type Credentials } from "../../../src/registry/login/credentials.ts";
import type { Login } from "../../../src/registry/settings.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { basicGuard } from "../../support/fake-registry/guard.ts";
import { TokenServer } from "../../support/fake-registry/token-server.ts";
import { FakeRegistry } from "../../support/fake-registry.ts";
import { givesLogin, type HelperProgram, makeHelperProgram } from "../../support/helper-program.ts";
import { hostSettings } from "../../support/host-settings.ts";
import { LoginClient } from "../../support/login-client.ts";
import { RecordingLog } from "../../support/silent-log.ts";

const program = "docker-credential-test";
const serverAddress = "https://registry.test:5000";
const hour = 3_600_000;
const login: Login = { kind: "helper", program, serverAddress, expireMs: hour };
const never = new AbortController().signal;

class Setting {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly helpers: Helpers;

  constructor({ environment }: Pick<HelperProgram, "environment">) {
    this.helpers = new Helpers({ environment, clock: this.clock, log: this.log });
  }

  /** What the helper gives now, with its secret laid open. */
  async credentials(): Promise<unknown> {
    return open(await this.helpers.credentialsFor(login, never));
  }
}

function open(credentials: Credentials): unknown {
  if (credentials.kind === "password") return `${credentials.user}:${credentials.password.reveal()}`;
  return credentials.kind === "identityToken" ? credentials.token.reveal() : credentials;
}

describe("a credential helper", () => {
  test("is told the server's address, and nothing else", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "s3cret!"));
    const setting = new Setting(helper);

    expect(await setting.credentials()).toBe("me:s3cret!");
    expect(await helper.calls()).toEqual([`get ${serverAddress}`]);
  });

  test("sees the environment it is given", async () => {
    await using helper = await makeHelperProgram(program, `[ "$AWS_PROFILE" = mirror ] && ${givesLogin("AWS", "x")}`);
    const setting = new Setting({ environment: { ...helper.environment, AWS_PROFILE: "mirror" } });

    expect(await setting.credentials()).toBe("AWS:x");
  });

  test("gives an identity token under the name that stands for one", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("<token>", "1dentity"));

    expect(await new Setting(helper).credentials()).toBe("1dentity");
  });

  test.each([
    ["says so and fails", "echo 'credentials not found in native keychain'; exit 1"],
    ["gives two empty texts", givesLogin("", "")],
  ])("that %s knows no login, which is no failure", async (_what, script) => {
    await using helper = await makeHelperProgram(program, script);
    const setting = new Setting(helper);

    expect(await setting.credentials()).toEqual({
      kind: "none",
      reason: `${program} knows no login for ${serverAddress}`,
    });
    expect(setting.log.lines).toEqual([]);
  });

  test.each([
    ["fails", "echo s3cret!; exit 3", `failed for ${serverAddress} with status 3`],
    ["prints no JSON", "echo s3cret!", "prints something else than JSON"],
    ["prints a list", "echo '[\"s3cret!\"]'", "prints something else than JSON"],
    ["prints numbers", 'echo \'{"Username":"me","Secret":7}\'', "prints a login that cannot be read"],
    ["is killed", "kill -9 $$", "was ended by SIGKILL"],
    ["prints without end", "while :; do echo s3cret!s3cret!s3cret!; done", "prints without end"],
  ])("that %s is written to the log, without what it printed", async (_what, script, message) => {
    await using helper = await makeHelperProgram(program, script);
    const setting = new Setting(helper);

    const reason = `the credential helper ${program} ${message}`;
    expect(await setting.credentials()).toEqual({ kind: "none", reason });
    expect(setting.log.lines).toEqual([
      { level: "warn", message: "Credential helper failed", fields: { name: program, err: reason } },
    ]);
  });

  test("that is not installed is written to the log", async () => {
    const setting = new Setting({ environment: { PATH: "/nowhere" } });

    expect(await setting.credentials()).toMatchObject({ kind: "none" });
    expect(setting.log.lines[0]?.fields.err).toBe(`the credential helper ${program} is not installed`);
  });

  test("is no command line", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "x"));
    const injected: Login = { kind: "helper", program: `${program} get; ${program}`, serverAddress, expireMs: hour };

    const credentials = await new Setting(helper).helpers.credentialsFor(injected, never);

    expect(credentials.kind).toBe("none");
    expect(await helper.calls()).toEqual([]);
  });

  test("is not read any longer when it is given up and a program that it started prints on", async () => {
    await using helper = await makeHelperProgram(program, '(yes; echo ended > "$0.yes") & wait');
    const rules = { environment: helper.environment, clock: new FakeClock() };

    await expect(runHelper(program, "get", "", rules, never)).rejects.toThrow(`${program} prints without end`);

    const [folder = ""] = helper.environment["PATH"]?.split(":") ?? [];
    await expect.poll(() => readFile(join(folder, `${program}.yes`), "utf8").catch(() => "printing")).toBe("ended\n");
  });

  test("is ended when it takes longer than a minute", async () => {
    await using helper = await makeHelperProgram(program, "exec sleep 600");
    const clock = new FakeClock();

    const asked = runHelper(program, "get", "", { environment: helper.environment, clock }, never);
    clock.advance(60_000);

    await expect(asked).rejects.toThrow(`${program} has not answered for 60 s`);
    expect(clock.alarms).toBe(0);
  });

  test("is ended when nobody wants its answer any more", async () => {
    await using helper = await makeHelperProgram(program, "exec sleep 600");
    const controller = new AbortController();

    const asked = new Setting(helper).helpers.credentialsFor(login, controller.signal);
    controller.abort();

    await expect(asked).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("the answer of a credential helper", () => {
  test("is used until it is old, and by everybody who asks at once", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "first"));
    const setting = new Setting(helper);

    await Promise.all([setting.credentials(), setting.credentials()]);
    await helper.become(givesLogin("me", "second"));
    setting.clock.advance(hour - 1);
    const before = await setting.credentials();
    setting.clock.advance(1);
    const after = await setting.credentials();

    expect([before, after]).toEqual(["me:first", "me:second"]);
    expect(await helper.calls()).toHaveLength(2);
  });

  test("stays in use when the helper fails later, which is asked again after five seconds", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "first"));
    const setting = new Setting(helper);
    await setting.credentials();
    await helper.become("exit 1");
    setting.clock.advance(hour);

    const during = [await setting.credentials(), await setting.credentials()];
    await helper.become(givesLogin("me", "second"));
    setting.clock.advance(4_999);
    const still = await setting.credentials();
    setting.clock.advance(1);

    expect([...during, still]).toEqual(["me:first", "me:first", "me:first"]);
    expect(await setting.credentials()).toBe("me:second");
  });

  test("is not asked for before a host wants a login", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "s3cret!"));
    await using registry = await FakeRegistry.start();
    await using client = new LoginClient(undefined, helper.environment);
    registry.repository("a/b");

    expect(await client.ask(hostSettings(registry.name, { login }), "/v2/a/b/tags/list")).toBe(200);
    expect(await helper.calls()).toEqual([]);
  });

  test("is asked for once more when the host does not take it, and may have changed by then", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "old"));
    const passwords: Record<string, string> = { me: "old" };
    await using registry = await FakeRegistry.start({ guard: (request) => basicGuard(passwords)(request) });
    await using client = new LoginClient(undefined, helper.environment);
    const host = hostSettings(registry.name, { login });
    registry.repository("a/b");
    await client.ask(host, "/v2/a/b/tags/list");

    passwords["me"] = "new";
    await helper.become(givesLogin("me", "new"));
    client.clock.advance(10_000);

    expect(await client.ask(host, "/v2/a/b/tags/list")).toBe(200);
    expect(await helper.calls()).toHaveLength(2);
  });

  test("is asked for once more when the token server does not take it", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "old"));
    const passwords: Record<string, string> = { me: "old" };
    await using tokens = await TokenServer.start({ passwords });
    await using registry = await FakeRegistry.start({ guard: tokens.guard() });
    await using client = new LoginClient(undefined, helper.environment);
    const host = hostSettings(registry.name, { login });
    registry.repository("a/b");
    await client.ask(host, "/v2/a/b/tags/list");

    passwords["me"] = "new";
    await helper.become(givesLogin("me", "new"));
    client.clock.advance(300_000);

    expect(await client.ask(host, "/v2/a/b/tags/list")).toBe(200);
    expect(tokens.issued).toHaveLength(2);
  });

  test("that the host does not take either makes the login fail, in words that hold no secret", async () => {
    await using helper = await makeHelperProgram(program, givesLogin("me", "wr0ng!"));
    await using registry = await FakeRegistry.start({ guard: basicGuard({ me: "s3cret!" }) });
    await using client = new LoginClient(undefined, helper.environment);
    const host = hostSettings(registry.name, { login });

    const failure = await client.ask(host, "/v2/a/b/tags/list").then(
      () => expect.unreachable("it logged in"),
      (thrown: unknown) => thrown,
    );

    expect(failure).toMatchObject({ code: "LOGIN_FAILED" });
    expect(String(failure)).not.toContain("wr0ng!");
    expect(await helper.calls()).toHaveLength(1);
  });

  test("that does not come is the reason why there is no login", async () => {
    await using registry = await FakeRegistry.start({ guard: basicGuard({}) });
    await using client = new LoginClient(undefined, { PATH: "/nowhere" });

    const asked = client.ask(hostSettings(registry.name, { login }), "/v2/a/b/tags/list");

    await expect(asked).rejects.toThrow(`and the credential helper ${program} is not installed`);
  });
});

test("a Basic login does not show itself", async () => {
  await using helper = await makeHelperProgram(program, givesLogin("me", "s3cret!"));
  const credentials = await new Setting(helper).helpers.credentialsFor(login, never);
  const header = credentials.kind === "password" ? basicHeader("me", credentials.password) : expect.unreachable();

  expect(JSON.stringify([credentials, header])).not.toMatch(/s3cret!|bWU6/);
});
