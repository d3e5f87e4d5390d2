import { expect, test } from "vitest";
import { registryName } from "../../src/oci/registry-name.ts";

test.each(["docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/", "https://docker.io"])(
  "%s is Docker Hub",
  (text) => {
    expect(registryName(text)).toBe("docker.io");
  },
);

test.each([
  ["ghcr.io", "ghcr.io"],
  ["http://registry.test:5000", "registry.test:5000"],
  ["https://registry.test/v2/", "registry.test"],
  ["[::1]:5000", "[::1]:5000"],
  ["Registry.Test", "Registry.Test"],
  ["my.docker.io", "my.docker.io"],
  ["docker.io:443", "docker.io:443"],
  ["", ""],
])("%s goes by the name %s", (text, name) => {
  expect(registryName(text)).toBe(name);
});
