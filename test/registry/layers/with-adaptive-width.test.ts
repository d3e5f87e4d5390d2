import { describe, expect, test } from "vitest";
import { AdaptiveWidth } from "../../../src/registry/adaptive-width.ts";
import { RegistryAnswerInvalid, RegistryStalled } from "../../../src/registry/failures.ts";
import { withAdaptiveWidth } from "../../../src/registry/layers/with-adaptive-width.ts";
import type { Send } from "../../../src/registry/send.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { unhurried } from "../../support/registry-client.ts";

/** The width of a host that had eight slots, after it answered one request in this way. */
async function widthAfter(wire: Send): Promise<number> {
  const clock = new FakeClock();
  const width = new AdaptiveWidth(8, clock);
  await withAdaptiveWidth(wire, () => width, clock)(makeRequest(), unhurried()).catch(() => undefined);
  return width.slots.width;
}

describe("a host gets fewer requests at once", () => {
  test.each([429, 503])("after a %d", async (status) => {
    expect(await widthAfter(() => Promise.resolve(new FakeAnswer(status)))).toBe(4);
  });

  test("after a connection that broke or stalled", async () => {
    expect(await widthAfter(() => Promise.reject(new RegistryStalled("hub.test", "answered", 1)))).toBe(4);
  });
});

describe("a host keeps its width", () => {
  test.each([200, 401, 404, 500])("after a %d", async (status) => {
    expect(await widthAfter(() => Promise.resolve(new FakeAnswer(status)))).toBe(8);
  });

  test("after an answer that makes no sense", async () => {
    const failure = new RegistryAnswerInvalid("GET", new URL("https://hub.test/"), "no");

    expect(await widthAfter(() => Promise.reject(failure))).toBe(8);
  });
});
