import { expect, test } from "vitest";
import { metricsRoute, preferredForm } from "../../src/serve/metrics-page.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { Listening } from "../support/listening.ts";

/** What scrapers really send. */
const prometheus2 =
  "application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.25,*/*;q=0.1";
const prometheus3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

test.each([
  ["", "prometheus"],
  ["*/*", "prometheus"],
  ["text/html, */*;q=0.8", "prometheus"],
  ["text/plain", "prometheus"],
  ["application/openmetrics-text", "openmetrics"],
  ["APPLICATION/OPENMETRICS-TEXT; VERSION=1.0.0", "openmetrics"],
  ["application/openmetrics-text;version=2.0.0", "prometheus"],
  ["application/openmetrics-text;q=0", "prometheus"],
  ["application/openmetrics-text;q=0.4, text/plain;q=0.5", "prometheus"],
  ["application/openmetrics-text;q=x", "prometheus"],
  ["application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", "prometheus"],
  [prometheus2, "openmetrics"],
  [prometheus3, "openmetrics"],
])("who accepts %j gets %s", (accept, form) => {
  expect(preferredForm(accept)).toBe(form);
});

test("each form is served under its media type", async () => {
  await using listening = await Listening.start();

  const plain = await listening.ask("/metrics");
  const open = await listening.ask("/metrics", { headers: { accept: prometheus2 } });

  expect(plain.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(open.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect([plain.text, open.text]).toEqual(["# prometheus\n", "# openmetrics\n"]);
  expect(plain.headers.get("vary")).toBe("accept");
});

test("whoever asks while a page is being made, or for as long again, gets the same", async () => {
  const clock = new FakeClock();
  const made: PromiseWithResolvers<string>[] = [];
  const text = (): Promise<string> => {
    const page = Promise.withResolvers<string>();
    made.push(page);
    return page.promise;
  };
  const route = metricsRoute({ text }, clock);
  const ask = async (accept: string): Promise<string> => {
    const call = { parameters: new Map(), query: new URLSearchParams(), accept, isTrusted: true };
    return Buffer.from((await route.answer(call)).body).toString();
  };

  const asked = [ask(""), ask(""), ask(prometheus2)];
  clock.advance(100);
  for (const [at, page] of made.entries()) page.resolve(`# page ${at}\n`);
  const first = await Promise.all(asked);
  clock.advance(99);
  const again = await ask("");
  clock.advance(1);
  const later = ask("");
  made[2]?.resolve("# later\n");

  expect(first).toEqual(["# page 0\n", "# page 0\n", "# page 1\n"]);
  expect(again).toBe("# page 0\n");
  expect(await later).toBe("# later\n");
});

test("a page that is made at once is made anew for everybody", async () => {
  let made = 0;
  await using listening = await Listening.start({ metrics: { text: () => Promise.resolve(`# ${(made += 1)}\n`) } });

  const pages = [(await listening.ask("/metrics")).text, (await listening.ask("/metrics")).text];

  expect(pages).toEqual(["# 1\n", "# 2\n"]);
});
