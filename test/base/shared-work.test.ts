import { describe, expect, test } from "vitest";
import { SharedWork } from "../../src/base/shared-work.ts";

const never = new AbortController().signal;

describe("SharedWork", () => {
  test("is done once for all who ask at the same time", async () => {
    const shared = new SharedWork<number>();
    const gate = Promise.withResolvers<number>();
    let begun = 0;
    const work = (): Promise<number> => {
      begun += 1;
      return gate.promise;
    };

    const answers = [shared.run("key", work, never), shared.run("key", work, never)];
    gate.resolve(7);

    expect(await Promise.all(answers)).toEqual([7, 7]);
    expect(begun).toBe(1);
  });

  test("is done again for who asks later", async () => {
    const shared = new SharedWork<number>();
    let begun = 0;
    const work = (): Promise<number> => Promise.resolve((begun += 1));

    expect([await shared.run("key", work, never), await shared.run("key", work, never)]).toEqual([1, 2]);
  });

  test("tells its failure to everybody, and is tried again afterwards", async () => {
    const shared = new SharedWork<number>();
    const fail = (): Promise<number> => Promise.reject(new Error("no luck"));

    const failures = [shared.run("key", fail, never), shared.run("key", fail, never)];

    expect((await Promise.allSettled(failures)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await shared.run("key", () => Promise.resolve(1), never)).toBe(1);
  });

  test("goes on when one of those who wait turns away, and stops when the last does", async () => {
    const shared = new SharedWork<number>();
    const [first, second] = [new AbortController(), new AbortController()];
    let given = never;
    const work = (signal: AbortSignal): Promise<number> => {
      given = signal;
      return new Promise(() => undefined);
    };

    const answers = [shared.run("key", work, first.signal), shared.run("key", work, second.signal)];
    first.abort();
    await expect(answers[0]).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(given.aborted).toBe(false);
    second.abort();
    await expect(answers[1]).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(given.aborted).toBe(true);
  });

  test("is not begun for who has turned away before", async () => {
    const shared = new SharedWork<number>();

    const asked = shared.run("key", () => expect.unreachable("it was begun"), AbortSignal.abort());

    await expect(asked).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
