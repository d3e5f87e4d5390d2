import { expect, test } from "vitest";
import { withWarnings } from "../../../src/registry/layers/with-warnings.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { hostSettings } from "../../support/host-settings.ts";
import { unhurried } from "../../support/registry-client.ts";
import { RecordingLog } from "../../support/silent-log.ts";

async function warned(lines: readonly (readonly string[])[], hosts = ["hub.test"]): Promise<readonly unknown[]> {
  const log = new RecordingLog();
  const left = [...lines];
  const send = withWarnings(() => Promise.resolve(new FakeAnswer(200, { warning: left.shift() ?? [] })), log);
  for (let sent = 0; sent < lines.length; sent++) {
    await send(makeRequest({ host: hostSettings(hosts[sent % hosts.length] ?? "") }), unhurried());
  }
  return log.lines.map(({ level, fields }) => [level, fields.host, fields.warning]);
}

test("shows what a host warns about, once", async () => {
  const line = ['299 - "the tag moves on Friday"'];

  expect(await warned([line, line, line])).toEqual([["warn", "hub.test", "the tag moves on Friday"]]);
});

test("shows the same text of two hosts twice", async () => {
  expect(await warned([['299 - "x"'], ['299 - "x"']], ["a.test", "b.test"])).toHaveLength(2);
});

test("reads several warnings, on several lines or on one, with quotes and commas in them", async () => {
  const shown = await warned([['299 - "one, two", 299 - "say \\"three\\""', '299 agent "four"']]);

  expect(shown.map((line) => (line as string[])[2])).toEqual(["one, two", 'say "three"', "four"]);
});

test.each([['199 - "misc"'], ["299 - unquoted"], ["299"], [`299 - "${"x".repeat(5_000)}"`]])(
  "does not show %j",
  async (line) => {
    expect(await warned([[line]])).toEqual([]);
  },
);
