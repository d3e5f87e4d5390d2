import { describe, expect, test } from "vitest";
import { FakeRegistry } from "../support/fake-registry.ts";
import { altered, cutShort, htmlPage, json, redirect, refusal, withHeaders } from "../support/fake-registry/replies.ts";
import { FakeHost } from "../support/fake-registry/host.ts";
import { makeImage } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const image = makeImage({ seed: 1 });
const list = "GET /v2/a/b/tags/list";

describe("listing tags", () => {
  test("takes one request that asks for no page when the host gives everything", async () => {
    await using registry = await FakeRegistry.start();
    registry.add("a/b", image, "v1", "v2");
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["v1", "v2"]);
    expect(registry.conversation()).toEqual([list]);
  });

  test("follows the host's own addresses for further pages", async () => {
    await using registry = await FakeRegistry.start({ pageSize: 2 });
    registry.add("a/b", image, "a", "b", "c", "d", "e");
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["a", "b", "c", "d", "e"]);
    expect(registry.conversation()).toEqual([list, `${list}?last=b&n=2`, `${list}?last=d&n=2`]);
  });

  test("follows an address that names the host from inside, on the host that was asked", async () => {
    await using registry = await FakeRegistry.start();
    const inside = "http://registry.internal:5000/v2/a/b/tags/list?last=a";
    registry.once(list, json(200, { tags: ["a"] }, { link: `<${inside}>; rel="next"` }));
    registry.once(list, json(200, { tags: ["b"] }));
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["a", "b"]);
    expect(registry.conversation()).toEqual([list, `${list}?last=a`]);
  });

  test("goes on where the host sent it for the first page", async () => {
    await using backend = await FakeHost.start();
    backend.once("GET /v2/x/tags/list", json(200, { tags: ["a"] }, { link: '</v2/x/tags/list?last=a>; rel="next"' }));
    backend.once("GET /v2/x/tags/list", json(200, { tags: ["b"] }));
    await using registry = await FakeRegistry.start();
    registry.on(list, redirect(new URL("/v2/x/tags/list", backend.url)));
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["a", "b"]);
    expect(registry.count()).toBe(1);
  });

  test("keeps each tag once and leaves out what could be none", async () => {
    await using registry = await FakeRegistry.start();
    registry.on(list, json(200, { name: "a/b", tags: ["v1", "../../x", "v1", "", 7, null, "v2:3", "v2"] }));
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["v1", "v2"]);
  });

  test.each([[{ tags: null }], [{}], [{ tags: [] }]])("finds no tags in %j", async (body) => {
    await using registry = await FakeRegistry.start();
    registry.on(list, json(200, body));
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual([]);
  });

  test("says that there is no such repository", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toBeUndefined();
  });

  test.each([
    ["broke", cutShort(5)],
    ["ended early without a word", cutShort(5, "until-close")],
    ["is a page for people for once", htmlPage(200, "Welcome")],
  ])("asks for a page again whose body %s", async (_, answer) => {
    await using registry = await FakeRegistry.start();
    registry.add("a/b", image, "v1");
    registry.once(list, answer);
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toEqual(["v1"]);
    expect(registry.count()).toBe(2);
  });

  test.each([
    ["is a page for people", htmlPage(200, "Welcome"), "REGISTRY_ANSWER_INVALID"],
    ["is no object", json(200, ["v1"]), "REGISTRY_ANSWER_INVALID"],
    ["holds something else than a list", json(200, { tags: "v1" }), "REGISTRY_ANSWER_INVALID"],
    ["goes on at an address that cannot be read", json(200, { tags: [] }, { link: "<" }), "REGISTRY_ANSWER_INVALID"],
    [
      "goes on outside of the registry's own part",
      json(200, { tags: [] }, { link: '</admin?delete=all>; rel="next"' }),
      "REGISTRY_ANSWER_INVALID",
    ],
    ["is denied", refusal(403, "DENIED", "no"), "REGISTRY_DENIED"],
    ["is refused", refusal(400, "NAME_INVALID", "no"), "REGISTRY_STATUS"],
  ])("fails when the answer %s", async (_, answer, code) => {
    await using registry = await FakeRegistry.start();
    registry.on(list, answer);
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toMatchObject({ code });
  });

  test("notices pages that go round in a circle", async () => {
    await using registry = await FakeRegistry.start({ pageSize: 1 });
    registry.add("a/b", image, "a", "b");
    registry.on(list, withHeaders({ link: '</v2/a/b/tags/list?last=a>; rel="next"' }));
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toThrow("its pages go round in a circle");
    expect(registry.count()).toBe(2);
  });

  test("is no list without the rest when a later page is missing", async () => {
    await using registry = await FakeRegistry.start({ pageSize: 1 });
    registry.add("a/b", image, "a", "b");
    registry.on(
      ({ query }) => query.has("last"),
      altered(() => ({ status: 404 })),
    );
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toMatchObject({ code: "REGISTRY_STATUS" });
  });
});

describe("whether a repository is not there yet", () => {
  test("is told by its list of tags, asked for with one tag", async () => {
    await using registry = await FakeRegistry.start();
    registry.add("a/b", image, "a");
    await using client = new TestClient();

    expect(await client.repository(registry).isAbsent(unhurried())).toBe(false);
    expect(await client.repository(registry, "c/d").isAbsent(unhurried())).toBe(true);
    expect(registry.conversation()).toEqual(["GET /v2/a/b/tags/list?n=1", "GET /v2/c/d/tags/list?n=1"]);
  });

  test.each([401, 403, 405])("is not certain when the host answers %d", async (status) => {
    await using registry = await FakeRegistry.start();
    registry.on(({ path }) => path.endsWith("tags/list"), { status });
    await using client = new TestClient();

    expect(await client.repository(registry).isAbsent(unhurried())).toBe(false);
  });
});

describe("a neighbour", () => {
  test("is another repository of the same host, by its whole name", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();

    const neighbour = client.repository(registry).neighbour(`${registry.name}/c/d`);

    expect(neighbour?.name).toBe(`${registry.name}/c/d`);
  });

  test.each([
    ["of another host", "elsewhere.test/c/d"],
    ["that is no repository", "registry.test/c/../d"],
    ["that is nothing", "registry.test/"],
  ])("is none for a name %s", async (_what, name) => {
    await using client = new TestClient();

    expect(client.repository({ name: "registry.test" }).neighbour(name)).toBeUndefined();
  });
});
