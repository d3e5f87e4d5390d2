import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { emptyHostOptions, type HostOptions } from "../../src/oci/host.ts";
import { buildHosts, type HostSources } from "../../src/registry/hosts.ts";
import type { HostSettings } from "../../src/registry/settings.ts";
import { RecordingLog } from "../support/silent-log.ts";

interface Built {
  readonly hosts: (name: string) => HostSettings;
  readonly log: RecordingLog;
  /** The fields that a later place changed. */
  readonly changed: readonly unknown[];
}

function build(sources: Partial<HostSources>): Built {
  const log = new RecordingLog();
  const hosts = buildHosts({ docker: [], env: [], creds: [], digestListing: "auto", ...sources }, log);
  return { hosts, log, changed: log.lines.map(({ fields }) => fields.name) };
}

function said(registry: string, options: Partial<HostOptions>): HostOptions {
  return { ...emptyHostOptions(registry), ...options };
}

const secret = new Secret("s3cret!");

describe("settings of a registry", () => {
  test("have defaults when nothing is said", () => {
    expect(build({}).hosts("registry.test:5000")).toEqual({
      name: "registry.test:5000",
      hostname: "registry.test:5000",
      tls: "enabled",
      caPem: "",
      clientCertPem: "",
      clientKeyPem: undefined,
      pathPrefix: "",
      mirrors: [],
      priority: 0,
      repoAuth: false,
      login: { kind: "anonymous" },
      realms: [],
      blobChunkBytes: 1_048_576,
      blobMaxBytes: -1,
      requestsPerSecond: 0,
      concurrency: undefined,
      disableHead: false,
      digestListing: "auto",
    });
  });

  test("know where Docker Hub is, by all its names", () => {
    const { hosts } = build({ creds: [said("https://index.docker.io/v1/", { user: "me", password: secret })] });

    expect(hosts("docker.io")).toMatchObject({
      name: "docker.io",
      hostname: "registry-1.docker.io",
      login: { kind: "password", user: "me" },
    });
    expect(hosts("registry-1.docker.io")).toBe(hosts("docker.io"));
    expect(hosts("index.docker.io")).toBe(hosts("docker.io"));
  });

  test("are the same object whenever they are asked for", () => {
    const { hosts } = build({});

    expect(hosts("a.test")).toBe(hosts("a.test"));
  });

  test.each<[string, Partial<HostOptions>, Partial<HostSettings>]>([
    ["http://registry.test", {}, { tls: "disabled" }],
    ["https://registry.test", {}, { tls: "enabled" }],
    ["http://registry.test", { tls: "insecure" }, { tls: "insecure" }],
    ["registry.test", { pathPrefix: "/a/b/" }, { pathPrefix: "a/b" }],
    ["registry.test", { hostname: "10.0.0.1:5000" }, { name: "registry.test", hostname: "10.0.0.1:5000" }],
    ["registry.test", { apiOpts: { disableHead: "true" } }, { disableHead: true }],
    ["registry.test", { apiOpts: { disableHead: "yes" } }, { disableHead: false }],
    ["registry.test", { apiOpts: { trustedRealm: "a.test, b.test:5000" } }, { realms: ["a.test", "b.test:5000"] }],
    ["registry.test", { user: "me" }, { login: { kind: "anonymous" } }],
    ["registry.test", { password: secret }, { login: { kind: "anonymous" } }],
    ["registry.test", { token: secret }, { login: { kind: "identityToken", token: secret } }],
  ])("follow from %s with %j", (registry, options, settings) => {
    expect(build({ creds: [said(registry, options)] }).hosts("registry.test")).toMatchObject(settings);
  });

  test("never take TLS from Docker Hub", () => {
    const { hosts } = build({ docker: [said("http://index.docker.io/v1/", { user: "me", password: secret })] });

    expect(hosts("docker.io").tls).toBe("enabled");
  });

  test.each<[string, Partial<HostOptions>, object]>([
    ["registry.test:5000", {}, { serverAddress: "registry.test:5000", expireMs: 3_600_000 }],
    ["docker.io", {}, { serverAddress: "https://index.docker.io/v1/" }],
    ["registry.test:5000", { hostname: "10.0.0.1" }, { serverAddress: "10.0.0.1" }],
    [
      "registry.test:5000",
      { credHost: "https://x", credExpireMs: 1_000 },
      { serverAddress: "https://x", expireMs: 1_000 },
    ],
    ["registry.test:5000", { user: "me", password: secret }, { program: "docker-credential-x" }],
  ])("name what a helper is asked for: %s with %j", (registry, options, login) => {
    const { hosts } = build({ creds: [said(registry, { credHelper: "docker-credential-x", ...options })] });

    expect(hosts(registry).login).toMatchObject({ kind: "helper", ...login });
  });

  test("ignore an item that names no registry, with a warning", () => {
    const { hosts, log } = build({ creds: [said("", { tls: "disabled" })] });

    expect(log.at("warn")).toEqual(["Settings that name no registry are ignored"]);
    expect(hosts("").tls).toBe("enabled");
  });
});

describe("what several places say about one registry", () => {
  test("is put together field by field, and the last word counts", () => {
    const { hosts, changed } = build({
      docker: [said("r.test", { user: "file", password: secret, priority: 1 })],
      env: [said("r.test", { user: "env", mirrors: ["m.test"] })],
      creds: [said("r.test", { blobMaxBytes: 7 }), said("r.test", { mirrors: ["n.test"], priority: 1 })],
    });

    expect(hosts("r.test")).toMatchObject({
      login: { kind: "password", user: "env", password: secret },
      mirrors: ["n.test"],
      priority: 1,
      blobMaxBytes: 7,
    });
    expect(changed).toEqual(["user", "mirrors"]);
  });

  test("is no change when it is the same", () => {
    const login = { user: "me", password: new Secret("s3cret!"), mirrors: ["m.test"] };
    const again = { user: "me", password: new Secret("s3cret!"), mirrors: ["m.test"] };

    expect(build({ docker: [said("r.test", login)], creds: [said("r.test", again)] }).changed).toEqual([]);
  });

  test("can turn repoAuth on, and not off again", () => {
    const { hosts } = build({ creds: [said("r.test", { repoAuth: true }), said("r.test", { repoAuth: false })] });

    expect(hosts("r.test").repoAuth).toBe(true);
  });

  test("adds up in apiOpts", () => {
    const { hosts, changed } = build({
      creds: [said("r.test", { apiOpts: { disableHead: "true" } }), said("r.test", { apiOpts: { trustedRealm: "a" } })],
    });

    expect(hosts("r.test")).toMatchObject({ disableHead: true, realms: ["a"] });
    expect(changed).toEqual([]);
  });

  test.each<[string, Partial<HostOptions>, Partial<HostOptions>, object]>([
    [
      "a password puts an earlier helper out of use",
      { credHelper: "x" },
      { user: "me", password: secret },
      { kind: "password", user: "me" },
    ],
    [
      "a password puts an earlier identity token out of use",
      { token: secret },
      { user: "me", password: secret },
      { kind: "password", user: "me" },
    ],
    ["a token puts an earlier helper out of use", { credHelper: "x" }, { token: secret }, { kind: "identityToken" }],
    [
      "a helper puts an earlier login out of use",
      { user: "me", password: secret },
      { credHelper: "x" },
      { kind: "helper", program: "x" },
    ],
    ["a new user alone keeps the helper", { credHelper: "x" }, { user: "me" }, { kind: "helper", program: "x" }],
  ])("may overrule a login: %s", (_what, earlier, later, login) => {
    const { hosts, changed } = build({ docker: [said("r.test", earlier)], creds: [said("r.test", later)] });

    expect(hosts("r.test").login).toMatchObject(login);
    expect(changed.length > 0).toBe(later.user === undefined || later.password !== undefined);
  });

  test("never shows a secret in its warnings", () => {
    const { log } = build({
      docker: [said("r.test", { user: "me", password: secret })],
      creds: [said("r.test", { user: "you", password: new Secret("0ther") })],
    });

    expect(JSON.stringify(log.lines)).not.toMatch(/s3cret!|0ther/);
  });
});
