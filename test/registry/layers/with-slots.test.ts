import { describe, expect, test } from "vitest";
import { Limiter, takeAll } from "../../../src/base/limiter.ts";
import { withSlots } from "../../../src/registry/layers/with-slots.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { unhurried } from "../../support/registry-client.ts";

describe("a slot of a host", () => {
  test("belongs to the answer until that is disposed", async () => {
    const slots = new Limiter(1);
    const answered = new FakeAnswer(200);
    const send = withSlots(
      () => Promise.resolve(answered),
      () => slots,
    );

    const answer = await send(makeRequest(), unhurried());
    const takenBefore = slots.taken;
    await answer[Symbol.asyncDispose]();

    expect([takenBefore, slots.taken]).toEqual([1, 0]);
    expect(answered.disposed).toBe(true);
  });

  test("is given back when no answer comes", async () => {
    const slots = new Limiter(1);
    const send = withSlots(
      () => Promise.reject(new Error("broken")),
      () => slots,
    );

    await expect(send(makeRequest(), unhurried())).rejects.toThrow("broken");
    expect(slots.taken).toBe(0);
  });

  test("is given back when disposing fails", async () => {
    const slots = new Limiter(1);
    const answered = new FakeAnswer(200);
    answered[Symbol.asyncDispose] = () => Promise.reject(new Error("broken"));
    const answer = await withSlots(
      () => Promise.resolve(answered),
      () => slots,
    )(makeRequest(), unhurried());

    await expect(answer[Symbol.asyncDispose]()).rejects.toThrow("broken");
    expect(slots.taken).toBe(0);
  });

  test("is given back once, however often the answer is disposed", async () => {
    const slots = new Limiter(2);
    const send = withSlots(
      () => Promise.resolve(new FakeAnswer(200)),
      () => slots,
    );
    const first = await send(makeRequest(), unhurried());
    const second = await send(makeRequest(), unhurried());

    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();

    expect(slots.taken).toBe(1);
    await second[Symbol.asyncDispose]();
  });

  test("is not taken under a lease that covers the host", async () => {
    const slots = new Limiter(1);
    using lease = await takeAll([slots], unhurried());
    const send = withSlots(
      () => Promise.resolve(new FakeAnswer(200)),
      () => slots,
    );

    const answer = await send(makeRequest({ lease }), unhurried());

    expect(answer.status).toBe(200);
    expect(slots.taken).toBe(1);
  });

  test("is taken under a lease that covers another host", async () => {
    const slots = new Limiter(1);
    using lease = await takeAll([new Limiter(1)], unhurried());
    const send = withSlots(
      () => Promise.resolve(new FakeAnswer(200)),
      () => slots,
    );

    await send(makeRequest({ lease }), unhurried());

    expect(slots.taken).toBe(1);
  });

  test("goes to small requests before large ones", async () => {
    const slots = new Limiter(1);
    const order: string[] = [];
    const send = withSlots(
      (request) => {
        order.push(request.url.pathname);
        return Promise.resolve(new FakeAnswer(200));
      },
      () => slots,
    );
    const ask = async (path: string, large: boolean): Promise<void> => {
      await using _answer = await send(makeRequest({ url: new URL(path, "https://hub.test"), large }), unhurried());
    };

    await Promise.all([ask("/first", true), ask("/blob", true), ask("/head", false)]);

    expect(order).toEqual(["/first", "/head", "/blob"]);
  });

  test("is not waited for after an abort", async () => {
    const slots = new Limiter(1);
    using _taken = await slots.take(unhurried());
    const send = withSlots(
      () => Promise.resolve(new FakeAnswer(200)),
      () => slots,
    );
    const stop = new AbortController();

    const asked = send(makeRequest(), stop.signal);
    stop.abort();

    await expect(asked).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
