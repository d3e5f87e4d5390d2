import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readInvocation, type Request } from "../../src/cli/invocation.ts";
import { UsageInvalid } from "../../src/cli/usage.ts";

function requestOf(...argv: string[]): Request {
  return readInvocation(argv, 100).request;
}

function helpOf(...argv: string[]): string {
  const request = requestOf(...argv);
  return request.kind === "help" ? request.text : expect.unreachable(`${argv.join(" ")} is no call for help`);
}

/** What `once` and `check` both know. */
const all = ["-c", "f", "--abort-on-error", "--strict", "--state-dir", "d", "--full"];
const allFlags = { config: "f", strict: true, abortOnError: true, stateDir: "d", full: true };

test("reads every option of once", () => {
  expect(requestOf("once", ...all, "--missing", "--output", "json")).toEqual({
    kind: "once",
    flags: { ...allFlags, missing: true, output: "json" },
  });
});

test("reads every option of check", () => {
  expect(requestOf("check", ...all, "--exit-code", "--output=json")).toEqual({
    kind: "check",
    flags: { ...allFlags, exitCode: true, output: "json" },
  });
});

test("reads every option of config and version", () => {
  expect(requestOf("config", "-c", "-", "--show-secrets", "--output", "json", "--strict")).toEqual({
    kind: "config",
    flags: { config: "-", strict: true, showSecrets: true, output: "json" },
  });
  expect(requestOf("version", "--format", "{{ .VCSTag }}")).toEqual({
    kind: "version",
    flags: { format: "{{ .VCSTag }}", output: "text" },
  });
});

test("reads every option of health", () => {
  expect(requestOf("health", "--listen", ":80", "--ready")).toEqual({
    kind: "health",
    flags: { listen: ":80", ready: true },
  });
  expect(requestOf("health")).toEqual({ kind: "health", flags: { listen: undefined, ready: false } });
});

test.each([
  [["--version"], "text"],
  [["-v", "debug", "--version"], "text"],
  [["--version", "--output", "json"], "json"],
  [["version", "--version"], "text"],
  [["once", "-c", "f", "--version"], "text"],
] as const)("takes %j for the command version", (argv, output) => {
  expect(requestOf(...argv)).toEqual({ kind: "version", flags: { format: undefined, output } });
});

test("gives help to whoever asks for help and the version", () => {
  expect(helpOf("--version", "--help")).toContain("Usage: regsync <command>");
});

test("leaves everything off that is not asked for", () => {
  expect(readInvocation(["once", "-cf"], 80)).toEqual({
    request: {
      kind: "once",
      flags: {
        config: "f",
        strict: false,
        stateDir: undefined,
        full: false,
        abortOnError: false,
        missing: false,
        output: "text",
      },
    },
    log: { format: "text", level: 0 },
  });
});

test("takes options before the command, even those that only the command has", () => {
  expect(requestOf("--missing", "-c", "once", "once")).toMatchObject({ flags: { config: "once", missing: true } });
});

test("lets the last of several values win", () => {
  expect(requestOf("once", "-cf", "--config=g")).toMatchObject({ flags: { config: "g" } });
});

test("reads the options of the log on both sides of the command", () => {
  expect(readInvocation(["-v", "info+2", "version", "--logopt", "colour", "--logopt=json"], 80).log).toEqual({
    format: "json",
    level: 2,
  });
  expect(readInvocation(["version", "--logopt", "JSON", "-vtrace"], 80).log).toEqual({ format: "text", level: -8 });
});

test("knows the shells", () => {
  expect(requestOf("completion", "bash")).toEqual({ kind: "completion", shell: "bash", descriptions: true });
  expect(requestOf("completion", "--no-descriptions", "fish")).toEqual({
    kind: "completion",
    shell: "fish",
    descriptions: false,
  });
});

test("reads every option of server", () => {
  const options = ["--abort-on-error", "--strict", "--listen", ":80", "--state-dir", "/s", "--full"];
  expect(requestOf("server", "-c", "f", ...options)).toEqual({
    kind: "server",
    flags: { config: "f", strict: true, abortOnError: true, listen: ":80", stateDir: "/s", full: true },
  });
  expect(requestOf("server", "-cf")).toMatchObject({ flags: { listen: undefined, stateDir: undefined, full: false } });
});

test.each([[[]], [["help"]], [["-h"]], [["--help"]], [["-v", "debug"]], [["help", "--help"]]])(
  "shows the commands for %j",
  (argv) => {
    const help = helpOf(...argv);

    for (const command of ["server", "once", "check", "config", "health", "version", "completion", "help"]) {
      expect(help).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    expect(help).not.toMatch(/__complete/);
  },
);

test.each(["once", "check", "config", "health", "version", "completion", "server"])(
  "shows help for %s in three ways",
  (command) => {
    const help = helpOf("help", command);

    expect(help).toContain(`Usage: regsync ${command}`);
    expect(help).toContain("--verbosity");
    expect(helpOf(command, "--help")).toBe(help);
    expect(helpOf("-h", command)).toBe(help);
  },
);

test("shows help for a shell of completion", () => {
  expect(helpOf("help", "completion", "zsh")).toContain("Usage: regsync completion zsh");
  expect(helpOf("completion")).toContain("powershell");
});

test.each([
  [["onse", "-c", "f"], "unknown command 'onse' (Did you mean once?); see regsync --help"],
  [["onse", "--help"], "unknown command 'onse' (Did you mean once?); see regsync --help"],
  [["help", "chekc"], "unknown command 'chekc' (Did you mean check?); see regsync --help"],
  [["xyzzy"], "unknown command 'xyzzy'; see regsync --help"],
  [[""], "unknown command ''; see regsync --help"],
  [["cli-doc"], "unknown command 'cli-doc'; see regsync --help"],
  [["once"], "option --config is missing: it names the configuration file, or - for standard input"],
  [["check", "-c", ""], "option --config is empty: it names the configuration file, or - for standard input"],
  [["config", "-c"], "option --config needs a value"],
  [["-c", "f"], "a command is missing: server, once, check, config or version; see regsync --help"],
  [["once", "-cf", "g"], "too many arguments for 'once'. Expected 0 arguments but got 1: g; see regsync --help"],
  [["version", "x"], "too many arguments for 'version'. Expected 0 arguments but got 1: x; see regsync --help"],
  [
    ["once", "-cf", "--missing", "false"],
    "too many arguments for 'once'. Expected 0 arguments but got 1: false; see regsync --help",
  ],
  [
    ["once", "-cf", "--", "--missing"],
    "too many arguments for 'once'. Expected 0 arguments but got 1: --missing; see regsync --help",
  ],
  [
    ["once", "-cf", "--abort-on-eror"],
    "unknown option '--abort-on-eror' (Did you mean --abort-on-error?); see regsync --help",
  ],
  [["once", "-cf", "--abort"], "unknown option '--abort'; see regsync --help"],
  [["check", "-cf", "--missing"], "unknown option '--missing'; see regsync --help"],
  [["version", "-c", "f"], "unknown option '--config'; see regsync --help"],
  [["once", "-cf", "-x"], "unknown option '-x'; see regsync --help"],
  [["--version", "-c", "f"], "unknown option '--config'; see regsync --help"],
  [
    ["version", "--output", "xml"],
    "option '--output <form>' argument 'xml' is invalid. Allowed choices are text, json; see regsync --help",
  ],
  [["version", "--output=json", "--format", "x"], "--format and --output json exclude each other"],
  [
    ["version", "-v", "loud"],
    '"loud" is no log level: it is trace, debug, info, warn or error, with an offset like info+2 if wanted',
  ],
  [
    ["-v", "", "version"],
    '"" is no log level: it is trace, debug, info, warn or error, with an offset like info+2 if wanted',
  ],
  [["completion", "tcsh"], "unknown command 'tcsh' (Did you mean one of bash, fish, zsh?); see regsync --help"],
  [
    ["completion", "bash", "zsh"],
    "too many arguments for 'bash'. Expected 0 arguments but got 1: zsh; see regsync --help",
  ],
])("refuses %j", (argv, message) => {
  expect(() => readInvocation(argv, 100)).toThrow(new UsageInvalid(message));
});

test("answers every command line with a request or a refusal", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "once",
      "check",
      "help",
      "completion",
      "-c",
      "-v",
      "--output",
      "--missing=",
      "--",
      "-",
      "json",
      "-h",
    ),
    fc.string({ maxLength: 6 }),
    fc.constantFrom("__proto__", "--__proto__", "constructor", "--constructor=x", "-c=__proto__"),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      try {
        expect(readInvocation(argv, 80).request.kind).toBeTypeOf("string");
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(UsageInvalid);
      }
    }),
  );
});
