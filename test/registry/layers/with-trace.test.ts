import { expect, test } from "vitest";
import { withTrace } from "../../../src/registry/layers/with-trace.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { unhurried } from "../../support/registry-client.ts";
import { RecordingLog, silentLog } from "../../support/silent-log.ts";

test("writes both sides of an exchange, with nothing in it that lets anybody in", async () => {
  const log = new RecordingLog();
  const answer = new FakeAnswer(307, {
    location: "https://cdn.test/x?X-Amz-Signature=hunter2",
    "set-cookie": "session=hunter2",
    "www-authenticate": ['Basic realm="x"', 'Bearer realm="y"'],
    "x-unknown": "hunter2",
  });
  const send = withTrace(() => Promise.resolve(answer), log, new FakeClock());
  const url = new URL("https://hub.test/v2/a/tags/list?n=5&_state=hunter2");
  const headers = { authorization: "Bearer hunter2", accept: "x/y", "x-own": "hunter2" };

  await send(makeRequest({ url, headers }), unhurried());

  const shownUrl = "https://hub.test/v2/a/tags/list?n=5&_state=[secret]";
  expect(log.lines).toEqual([
    {
      level: "trace",
      message: "Request sent",
      fields: {
        method: "GET",
        url: shownUrl,
        headers: { authorization: "[secret]", accept: "x/y", "x-own": "[secret]" },
      },
    },
    {
      level: "trace",
      message: "Answer received",
      fields: {
        method: "GET",
        url: shownUrl,
        status: 307,
        durationMs: 0,
        headers: {
          "www-authenticate": 'Basic realm="x", Bearer realm="y"',
          location: "https://cdn.test/x?X-Amz-Signature=[secret]",
        },
      },
    },
  ]);
  expect(JSON.stringify(log.lines)).not.toContain("hunter2");
});

test("writes that no answer came, and why", async () => {
  const log = new RecordingLog();
  const send = withTrace(() => Promise.reject(new Error("broken")), log, new FakeClock());

  await expect(send(makeRequest(), unhurried())).rejects.toThrow("broken");
  expect(log.lines.at(-1)).toMatchObject({ message: "No answer received", fields: { err: "broken" } });
});

test("is not there at all when nobody reads it", () => {
  const wire = () => Promise.resolve(new FakeAnswer(200));

  expect(withTrace(wire, silentLog, new FakeClock())).toBe(wire);
});
