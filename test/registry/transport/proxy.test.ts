import { describe, expect, test } from "vitest";
import { proxyFinder } from "../../../src/registry/transport/proxy.ts";

function proxyOf(target: string, noProxy = "", httpsProxy = "http://proxy.test:3128"): string | undefined {
  const find = proxyFinder({ httpProxy: "http://plain.test:8080", httpsProxy, noProxy });
  return find(new URL(target))?.url.href;
}

describe("the proxy to go through", () => {
  test.each([
    ["https://hub.test/", "http://proxy.test:3128/"],
    ["http://hub.test/", "http://plain.test:8080/"],
  ])("for %s is %s", (target, proxy) => {
    expect(proxyOf(target)).toBe(proxy);
  });

  test.each(["http://localhost:5000/", "https://127.0.0.1/", "https://127.9.9.9:1/", "http://[::1]:5000/"])(
    "is none for %s",
    (target) => {
      expect(proxyOf(target)).toBeUndefined();
    },
  );

  test("is none when none is set", () => {
    expect(proxyOf("https://hub.test/", "", "")).toBeUndefined();
  });

  test("may be written without its scheme, and may be reached by TLS", () => {
    expect(proxyOf("https://hub.test/", "", "proxy.test:3128")).toBe("http://proxy.test:3128/");
    expect(proxyOf("https://hub.test/", "", "https://proxy.test")).toBe("https://proxy.test/");
  });

  test("gets its own password, which is not part of its address", () => {
    const find = proxyFinder({ httpProxy: "", httpsProxy: "http://me:p%40ss@proxy.test:3128", noProxy: "" });

    const proxy = find(new URL("https://hub.test/"));

    expect(proxy?.url.href).toBe("http://proxy.test:3128/");
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  test.each(["socks5://proxy.test", "ftp://proxy.test", "http://", "http://[", "http://u:%zz@proxy.test"])(
    "cannot be %s",
    (text) => {
      expect(() => proxyOf("https://hub.test/", "", text)).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("HTTPS_PROXY: ") }),
      );
    },
  );

  test("is not shown with its password when it is refused", () => {
    expect(() => proxyOf("https://hub.test/", "", "socks5://me:hunter2@proxy.test")).toThrow(/^((?!hunter2).)*$/);
  });
});

describe("an exception", () => {
  test.each([
    ["*", "https://hub.test/"],
    ["hub.test", "https://hub.test/"],
    ["HUB.test", "https://hub.test/"],
    ["hub.test", "https://blobs.hub.test/"],
    [".hub.test", "https://blobs.hub.test/"],
    ["*.hub.test", "https://blobs.hub.test/"],
    ["a.test, hub.test ,", "https://hub.test/"],
    ["hub.test:443", "https://hub.test/"],
    ["hub.test:5000", "https://hub.test:5000/"],
    ["10.1.2.3", "https://10.1.2.3:5000/"],
    ["10.1.2.3:5000", "https://10.1.2.3:5000/"],
    ["10.0.0.0/8", "https://10.1.2.3/"],
    ["fd00::/8", "https://[fd00::1]/"],
    ["[fd00::1]:5000", "https://[fd00::1]:5000/"],
    ["fd00::1", "https://[fd00::1]/"],
    ["FD00:0:0::0001", "https://[fd00::1]/"],
    ["[fd00:0::1]:5000", "https://[fd00::1]:5000/"],
  ])("%s reaches %s directly", (noProxy, target) => {
    expect(proxyOf(target, noProxy)).toBeUndefined();
  });

  test.each([
    ["", "https://hub.test/"],
    [",,", "https://hub.test/"],
    ["ub.test", "https://hub.test/"],
    [".hub.test", "https://hub.test/"],
    ["*.hub.test", "https://hub.test/"],
    ["hub.test:5000", "https://hub.test/"],
    ["10.0.0.0/8", "https://11.1.2.3/"],
    ["10.0.0.0/99", "https://10.1.2.3/"],
    ["10.0.0.0/8", "https://hub.test/"],
    ["nonsense/8", "https://nonsense/"],
    ["fe80::1%eth0", "https://[fe80::1]/"],
    ["10.1.2", "https://10.1.2.3/"],
  ])("%s does not reach %s", (noProxy, target) => {
    expect(proxyOf(target, noProxy)).toBe("http://proxy.test:3128/");
  });
});
