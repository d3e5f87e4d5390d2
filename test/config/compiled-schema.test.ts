import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { planWorld } from "../support/plan-world.ts";
// @ts-expect-error it is a script, and has no types
import { compiledSchema } from "../../.ci/bundle-plugins.mjs";

const folder = new URL("../fixtures/config/", import.meta.url);

test("the schema that is compiled into the bundle finds what the schema finds, and the compiler is left out", async () => {
  await using temp = await makeTempFolder("compiled-schema");
  const outfile = `${temp.path}/load.mjs`;
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/config/load.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    supported: { using: true },
    banner: { js: "const require = process.getBuiltinModule;" },
    plugins: [compiledSchema],
    metafile: true,
  });
  const bundled = (await import(outfile)) as { readonly loadPlan: typeof loadPlan }; // the same file, bundled
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"));

  const [asBundled, asIs] = [bundled.loadPlan, loadPlan].map((load) =>
    texts.map((text) => complaintsOf(load(text, "file", planWorld({}, {})))),
  );

  expect(asIs?.flat().length).toBeGreaterThan(100);
  expect(asBundled).toEqual(asIs);
  expect(Object.keys(metafile.inputs).filter((input) => /ajv\/dist\/(core|compile|vocabularies)/.test(input))).toEqual(
    [],
  );
});

function complaintsOf(result: ReturnType<typeof loadPlan>): readonly unknown[] {
  return result.kind === "loaded" ? result.plan.complaints : result.complaints;
}
