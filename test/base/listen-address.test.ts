import { expect, test } from "vitest";
import { formatListenAddress, ListenAddressInvalid, parseListenAddress } from "../../src/base/listen-address.ts";

test.each([
  [":9090", { host: "", port: 9090 }],
  ["127.0.0.1:9090", { host: "127.0.0.1", port: 9090 }],
  ["0.0.0.0:0", { host: "0.0.0.0", port: 0 }],
  ["[::1]:9090", { host: "::1", port: 9090 }],
  ["[::]:65535", { host: "::", port: 65_535 }],
  ["localhost:9090", { host: "localhost", port: 9090 }],
  ["node-1.example.com:80", { host: "node-1.example.com", port: 80 }],
])("%s is an address, and written in the same way again", (text, address) => {
  const parsed = parseListenAddress(text);

  expect(parsed).toEqual(address);
  expect(formatListenAddress(address)).toBe(text);
});

test("off is none", () => {
  expect(parseListenAddress("off")).toBeUndefined();
});

test.each([
  ["", "it has no port"],
  ["9090", "it has no port"],
  ["localhost", "it has no port"],
  [":", "what follows the colon is no port"],
  [":http", "what follows the colon is no port"],
  [":-1", "what follows the colon is no port"],
  [":65536", "ports end at 65535"],
  [":99999999999999999999", "ports end at 65535"],
  ["::1", "an IPv6 address needs brackets"],
  ["::1:9090", "an IPv6 address needs brackets"],
  ["[::1]", "an IPv6 address needs brackets"],
  ["[127.0.0.1]:9090", "what stands in brackets is no IPv6 address"],
  ["[]:9090", "what stands in brackets is no IPv6 address"],
  ["http://localhost:9090", "it has a slash, and is not a URL"],
  ["/run/regsync.sock", "it has a slash, and is not a URL"],
  ["256.0.0.1:9090", "is neither an address nor a name"],
  ["1.2.3:9090", "is neither an address nor a name"],
  ["a b:9090", "is neither an address nor a name"],
  ["-a:9090", "is neither an address nor a name"],
  ["*:9090", "is neither an address nor a name"],
  ["OFF", "it has no port"],
])("%j is refused: %s", (text, reason) => {
  expect(() => parseListenAddress(text)).toThrow(ListenAddressInvalid);
  expect(() => parseListenAddress(text)).toThrow(reason);
});
