import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactUrl } from "../../src/base/redact-url.ts";

describe("an address as it may be shown", () => {
  test.each([
    ["https://h.test/v2/a/tags/list", "https://h.test/v2/a/tags/list"],
    ["https://h.test:5000/v2/?n=5&last=a", "https://h.test:5000/v2/?n=5&last=a"],
    [
      "https://h.test/u?_state=x%20y&digest=sha256:1&X-Amz-Signature=abc",
      "https://h.test/u?_state=[secret]&digest=sha256:1&X-Amz-Signature=[secret]",
    ],
    [
      "https://auth.test/token?service=h&scope=repository:a:pull&account=me&client_id=x",
      "https://auth.test/token?service=h&scope=repository:a:pull&account=[secret]&client_id=[secret]",
    ],
    ["https://me:pass@h.test/x", "https://[secret]@h.test/x"],
    ["https://me@h.test/x", "https://[secret]@h.test/x"],
    ["https://h.test/x?c29tZSB0b2tlbg", "https://h.test/x?[secret]"],
    ["https://h.test/x?c29tZSB0b2tlbg==", "https://h.test/x?[secret]"],
    ["https://h.test/x?n", "https://h.test/x?n"],
    ["https://h.test/x?N=5", "https://h.test/x?N=[secret]"],
    ["https://h.test/x?", "https://h.test/x"],
    ["https://h.test/x#token=abc", "https://h.test/x"],
  ])("of %s is %s", (address, shown) => {
    expect(redactUrl(new URL(address))).toBe(shown);
    expect(redactUrl(address)).toBe(shown);
  });

  test("of something that is none says so", () => {
    expect(redactUrl("not an address with hunter2")).toBe("an address that cannot be read");
  });

  test("never holds the value of an unknown key", () => {
    const secret = fc.stringMatching(/^[A-Z]{8,20}$/);
    const key = fc.stringMatching(/^[a-z_-]{6,12}$/).filter((name) => !["digest", "service"].includes(name));

    fc.assert(
      fc.property(fc.array(fc.tuple(key, secret), { minLength: 1 }), (pairs) => {
        const query = pairs.map(([name, value]) => `${name}=${value}`).join("&");
        const shown = redactUrl(`https://h.test/x?n=1&${query}`);
        for (const [, value] of pairs) expect(shown).not.toContain(value);
      }),
    );
  });
});
