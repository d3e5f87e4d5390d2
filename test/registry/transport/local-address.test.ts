import { describe, expect, test } from "vitest";
import { isLocalAddress } from "../../../src/registry/transport/local-address.ts";

describe("a local address", () => {
  test.each([
    "127.0.0.1",
    "127.255.255.255",
    "0.0.0.0",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
  ])("is %s", (address) => {
    expect(isLocalAddress(address)).toBe(true);
  });

  test.each([
    "1.1.1.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fd00::1",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "localhost",
    "",
  ])("is not %s", (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });
});
