import { describe, expect, test } from "vitest";
import { withoutRepeated } from "../../src/registry/repeated.ts";
import type { RequestBody } from "../../src/registry/send.ts";

const none: RequestBody = { kind: "none" };
const login = Buffer.from("bob:p:ss word").toString("base64");

function shown(text: string, authorization: string | undefined, body = none): string {
  return withoutRepeated(text, { headers: authorization === undefined ? {} : { authorization }, body });
}

describe("what a host repeats of what let us in", () => {
  test.each([
    ["bob may not, with bob:p:ss word", `Basic ${login}`, "bob may not, with bob:[secret]"],
    [`no user ${login}`, `Basic ${login}`, "no user [secret]"],
    ["/token?password=p%3Ass%20word&x", `Basic ${login}`, "/token?password=[secret]&x"],
    ["token eyJh.x-y_z is old, eyJh.x-y_z", "Bearer eyJh.x-y_z", "token [secret] is old, [secret]"],
    ["nothing of it", "Bearer eyJh.x-y_z", "nothing of it"],
    ["eyJh.x-y_z", undefined, "eyJh.x-y_z"],
  ])("is masked: %s", (text, authorization, masked) => {
    expect(shown(text, authorization)).toBe(masked);
  });

  test("is masked when it was sent in a form", () => {
    const form = Buffer.from("grant_type=refresh_token&refresh_token=a+long%2Btoken%7E&scope=x");
    const body = { kind: "bytes", bytes: form, mediaType: "application/x-www-form-urlencoded" } as const;

    expect(shown("a long+token~, a%20long%2Btoken~ and a+long%2Btoken%7E", undefined, body)).toBe(
      "[secret], [secret] and [secret]",
    );
  });

  test("is left alone where it is as short as parts of words", () => {
    expect(shown("a cat sat", `Basic ${Buffer.from("bob:at").toString("base64")}`)).toBe("a cat sat");
  });
});
