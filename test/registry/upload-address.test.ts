import { describe, expect, test } from "vitest";
import { uploadAddress, withQuery } from "../../src/registry/upload-address.ts";
import { hostSettings } from "../support/host-settings.ts";

const host = hostSettings("hub.test:5000", { tls: "enabled" });
const asked = new URL("https://hub.test:5000/v2/a/b/blobs/uploads/");

describe("where an upload goes on", () => {
  test.each([
    ["a path", "/v2/a/b/blobs/uploads/1?_state=x", "https://hub.test:5000/v2/a/b/blobs/uploads/1?_state=x"],
    ["a relative path", "1?_state=x", "https://hub.test:5000/v2/a/b/blobs/uploads/1?_state=x"],
    ["a whole address", "https://hub.test:5000/x", "https://hub.test:5000/x"],
    ["another host", "https://store.test/x?sig=a%20b~", "https://store.test/x?sig=a%20b~"],
    ["a host without its scheme", "//store.test/x", "https://store.test/x"],
    ["a host that does not know of its TLS", "http://hub.test:5000/x?y=z", "https://hub.test:5000/x?y=z"],
    ["a host that does not know its port", "https://hub.test/x", "https://hub.test:5000/x"],
    ["a host that knows neither", "http://hub.test/x", "https://hub.test:5000/x"],
    ["another service of the host", "https://hub.test:9000/x", "https://hub.test:9000/x"],
  ])("is understood when it is %s", (_, location, expected) => {
    expect(uploadAddress(asked, location, host).href).toBe(expected);
  });

  test.each([
    ["another host without TLS", "http://store.test/x"],
    ["an address with a login", "https://u:p@store.test/x"],
    ["no HTTP", "ftp://store.test/x"],
    ["nothing that can be read", "https://["],
  ])("is refused when it is %s", (_, location) => {
    expect(() => uploadAddress(asked, location, host)).toThrow(expect.objectContaining({ code: "REDIRECT_REFUSED" }));
  });
});

describe("adding to a query", () => {
  test.each([
    ["https://h.test/x", "https://h.test/x?digest=sha256:1"],
    ["https://h.test/x?", "https://h.test/x?digest=sha256:1"],
    ["https://h.test/x?a=b%20c~(1)&d", "https://h.test/x?a=b%20c~(1)&d&digest=sha256:1"],
  ])("leaves %s as it is", (before, after) => {
    expect(withQuery(new URL(before), "digest=sha256:1").href).toBe(after);
  });
});
