import { describe, expect, test } from "vitest";
import { FakeRegistry } from "../support/fake-registry.ts";
import { json, refusal, withoutHeaders } from "../support/fake-registry/replies.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

async function startRegistry(pageSize: number, ...repositories: readonly string[]): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start({ pageSize });
  for (const name of repositories) registry.repository(name);
  return registry;
}

describe("listing repositories", () => {
  test("follows the registry's own addresses for pages and then believes that this was all", async () => {
    await using registry = await startRegistry(2, "a", "b/c", "d", "e", "f");
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual(["a", "b/c", "d", "e", "f"]);
    expect(registry.conversation()).toEqual([
      "GET /v2/_catalog",
      "GET /v2/_catalog?last=b%2Fc&n=2",
      "GET /v2/_catalog?last=e&n=2",
    ]);
  });

  test("asks on behind the last name of a registry that gives no addresses, until nothing new comes", async () => {
    await using registry = await startRegistry(2, "a", "b/c", "d");
    registry.on("GET *", withoutHeaders("link"));
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual(["a", "b/c", "d"]);
    expect(registry.conversation()).toEqual([
      "GET /v2/_catalog",
      "GET /v2/_catalog?last=b%2Fc",
      "GET /v2/_catalog?last=d",
    ]);
  });

  test.each([400, 404])("takes a %d behind the last name for the end", async (status) => {
    await using registry = await startRegistry(9, "a");
    registry.on(({ query }) => query.has("last"), refusal(status, "NAME_UNKNOWN", "no"));
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual(["a"]);
  });

  test("asks once when there is nothing", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("GET *", json(200, { repositories: null }));
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual([]);
    expect(registry.count()).toBe(1);
  });

  test("ends with a registry that always answers the same", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("GET *", json(200, { repositories: ["a", "b"] }));
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual(["a", "b"]);
    expect(registry.count()).toBe(2);
  });

  test("leaves out names that could lead somewhere else", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("GET *", json(200, { repositories: ["a", "../b", "A", "b//c", "a?x=y", `${"a/".repeat(200)}a`] }));
    await using client = new TestClient();

    expect(await client.client.listRepositories(registry.name, unhurried())).toEqual(["a"]);
  });

  test("is not below the path of the repositories", async () => {
    await using registry = await startRegistry(9, "a");
    await using client = new TestClient({ hosts: { [registry.name]: { pathPrefix: "proxy/hub" } } });

    await client.client.listRepositories(registry.name, unhurried());

    expect(registry.conversation()[0]).toBe("GET /v2/_catalog");
  });

  test("fails when the registry has no such list", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("GET *", refusal(404, "UNSUPPORTED", "no"));
    await using client = new TestClient();

    await expect(client.client.listRepositories(registry.name, unhurried())).rejects.toMatchObject({
      code: "REGISTRY_STATUS",
    });
  });
});
