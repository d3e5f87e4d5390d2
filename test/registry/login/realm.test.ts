import { expect, test } from "vitest";
import { isTrustedRealm } from "../../../src/registry/login/realm.ts";
import { hostSettings } from "../../support/host-settings.ts";

function isTrusted(hostname: string, realm: string, realms: readonly string[] = []): boolean {
  return isTrustedRealm(new URL(realm), hostSettings(hostname, { tls: "enabled", realms }));
}

test.each([
  ["registry.example.com", "https://registry.example.com/token"],
  ["registry.example.com:5000", "https://registry.example.com:5001/token"],
  ["registry.example.com", "https://gitlab.example.com/jwt/auth"],
  ["registry.gitlab.example.com", "https://gitlab.example.com/jwt/auth"],
  ["example.com", "https://auth.example.com/token"],
  ["registry-1.docker.io", "https://auth.docker.io/token"],
  ["registry.gitlab.com", "https://gitlab.com/jwt/auth"],
  ["nvcr.io", "https://authn.nvidia.com/token"],
  ["quay.io", "https://quay.io/v2/auth"],
  ["registry.lan", "https://auth.lan/token"],
  ["registry:5000", "https://auth:5001/token"],
  ["10.0.0.5:5000", "https://10.0.0.5:5001/token"],
  ["[fd00::5]:5000", "https://[fd00::5]:5001/token"],
])("trusts for %s: %s", (hostname, realm) => {
  expect(isTrusted(hostname, realm)).toBe(true);
});

test.each([
  ["registry.example.com", "https://example.org/token"],
  ["registry.example.com", "https://registry.example.com.evil.test/token"],
  ["registry.example.com", "https://evilexample.com/token"],
  ["example.com", "https://evil.com/token"],
  ["acme.co.uk", "https://evil.co.uk/token"],
  ["mine.azurecr.io", "https://theirs.azurecr.io/oauth2/token"],
  ["1234.dkr.ecr.eu-west-1.amazonaws.com", "https://evil.s3.amazonaws.com/token"],
  ["me.github.io", "https://you.github.io/token"],
  ["ghcr.io", "https://gitlab.com/jwt/auth"],
  ["registry:5000", "https://auth.example.com/token"],
  ["registry.example.com", "https://auth:5001/token"],
  ["10.0.0.5", "https://10.0.0.6/token"],
  ["10.0.0.5", "https://0.0.5/token"],
  ["registry.example.com", "https://127.0.0.1/token"],
])("does not trust for %s: %s", (hostname, realm) => {
  expect(isTrusted(hostname, realm)).toBe(false);
});

test("trusts what the user named, with its port or without", () => {
  expect(isTrusted("registry.test", "https://login.test:8443/", ["login.test"])).toBe(true);
  expect(isTrusted("registry.test", "https://login.test:8443/", ["login.test:8443"])).toBe(true);
  expect(isTrusted("r.example.com", "https://login.other.net:8443/", ["login.other.net:9443"])).toBe(false);
});
