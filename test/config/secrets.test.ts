import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatComplaint } from "../../src/config/complaint.ts";
import { Lines } from "../../src/config/lines.ts";
import { loadPlan } from "../../src/config/load.ts";
import { printed } from "../support/printed.ts";
import { planWorld } from "../support/plan-world.ts";

/** Everything that may be shown of a file. */
function shownOf(text: string, env: Readonly<Record<string, string>> = {}): string {
  const result = loadPlan(text, "regsync.yml", planWorld(env));
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  const shown = complaints.map((complaint) => formatComplaint(complaint, new Lines(text)));
  if (result.kind === "refused") return shown.join("\n");
  const texts = (["yaml", "json"] as const).map((output) => printed(result.effective, { showSecrets: false, output }));
  return [...shown, ...texts, JSON.stringify(result.plan)].join("\n");
}

/** What passwords are made of, and what they are mistaken for. */
const password = fc
  .array(
    fc.constantFrom("{{", "}}", "${", "}", "$", "\\", "'", ":", " ", "#", "@", "env ", "nope", "9", "%", "&", "*", "|"),
    {
      maxLength: 6,
    },
  )
  .map((parts) => `hunter2${parts.join("")}hunter2`);

describe("shows no secret, whatever is wrong with it or around it", () => {
  test.for(["pass", "token", "clientKey"])("%s", (key) => {
    fc.assert(
      fc.property(password, fc.boolean(), (secret, isBroken) => {
        const text = `creds:\n  - registry: registry.example.com\n    user: mirror\n    ${key}: ${JSON.stringify(secret)}\n`;

        expect(shownOf(isBroken ? `${text}    : x\n  - [` : text)).not.toContain("hunter2");
      }),
    );
  });

  test("one that stands without quotes, as a list, or as a mapping", () => {
    for (const value of [
      "hunter2{{hunter2}}",
      "{{hunter2}}",
      "[hunter2]",
      "{hunter2: hunter2}",
      "'hunter2",
      '"hunter2\\d"',
    ]) {
      expect(shownOf(`creds:\n  - registry: a\n    pass: ${value}\n`)).not.toContain("hunter2");
    }
  });

  test("one that comes out of the environment", () => {
    const text = `creds: [{registry: a, user: u, pass: '{{env "PASS"}}'}]\nsync: [{source: A/b, target: b, type: image}]`;

    expect(shownOf(text, { PASS: "hunter2" })).not.toContain("hunter2");
  });

  test("one under a misspelt key", () => {
    expect(shownOf("creds:\n  - registry: a\n    password: hunter2\n")).not.toContain("hunter2");
  });

  test.for([
    "pass:hunter2",
    "pass = hunter2",
    "pass hunter2",
    '"pass":hunter2',
    "- pass: hunter2",
    "? pass\n    : hunter2\n    : hunter2",
    "pass: *hunter2",
    "pass:\n      @hunter2",
    'pass:\n      "hunter2\\d"',
    "pass:\n      hunter2: x",
    "pass: |\n   hunter2",
    "pass: |\n      hunter\n    hunter2",
    "pass: |\n\thunter2",
    "pas: hunter2",
    "pasword: hunter2",
    "tocken: hunter2",
    "client_key: hunter2",
    "auth: hunter2",
    "apiKey: {hunter2: hunter2}",
    "clientKey: -----BEGIN PRIVATE KEY-----\n    hunter2==\n    -----END PRIVATE KEY-----",
  ])("one that is written in a way that YAML or this program does not have: %j", (login) => {
    for (const text of [
      `creds:\n  - registry: registry.example.com\n    ${login}\n`,
      `x-login: &login\n    ${login}\n`,
      `server:\n  tls:\n    ${login}\n`,
    ])
      expect(shownOf(text)).not.toContain("hunter2");
  });

  test("one under a misspelt key beside others", () => {
    expect(shownOf("creds: [{registry: registry.example.com, user: u, pas: hunter2}]\n")).not.toContain("hunter2");
  });

  test("and what is known to be none is still shown", () => {
    expect(shownOf("creds:\n  - registry: registry.example.com\n    tls: of\n")).toContain("3 |     tls: of");
    expect(shownOf("creds: [{registry: registry.example.com, tls: of, pas: x}]\n")).toContain("tls: of, pas: [secret]");
    expect(shownOf("sync:\n  - {source: a, target: b, tpye: image}\n")).toContain("tpye: image");
  });

  test.for(["registry", "hostname", "mirrors"])(
    "one in the address of a registry, where it does not belong: %s",
    (key) => {
      const shown = ["u:hunter2@reg.test", "https://u:hunter2@reg.test/a"].map((address) => {
        const text = `creds:\n  - registry: a\n  - ${key}: ${key === "mirrors" ? `[${JSON.stringify(address)}]` : JSON.stringify(address)}\n`;
        const result = loadPlan(text, "regsync.yml", planWorld());
        if (result.kind === "refused") expect.unreachable("the file can be used");
        const complaints = result.plan.complaints.map((complaint) => formatComplaint(complaint, new Lines(text)));
        return [...complaints, printed(result.effective, { showSecrets: false, output: "yaml" })].join("\n");
      });

      expect(shown.join("\n")).toContain("reg.test");
      expect(shown.join("\n")).not.toContain("hunter2");
    },
  );

  test("one in a reference, where it does not belong", () => {
    expect(shownOf("sync:\n  - {source: 'u:hunter2@reg.test/a', target: b, type: image}\n")).not.toContain("hunter2");
  });
});
