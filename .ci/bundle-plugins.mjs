/**
 * What the bundle has differently from the sources, for the sake of a quick start and little memory. Each is a plugin
 * of esbuild; the behaviour stays the same, which the tests of the whole program see: they run the bundle.
 */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The text of a module that looks each of its exports up in what an expression gives, when it is used. They are
 * inherited: who imports it gets an object of its own, into which esbuild would copy every one of them.
 */
function gettersOf(names, expression) {
  const getters = names
    .map((name) => JSON.stringify(name))
    .map((name) => `get ${name}() { return ${expression}[${name}]; }`);
  return `module.exports = Object.create({\n${getters.join(",\n")}\n});`;
}

/**
 * Loads a built-in module when something of it is first used, and not when it is imported. Node reads every export of
 * a module that is asked for, which loads whatever they stand for (`node:util` brings workers, `node:fs` streams), and
 * packages import more than they need: that was half of the time in which "regsync version" is done.
 */
export const lazyBuiltIns = {
  name: "lazy built-ins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "built-in" } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => {
      if (path === "node:process") return { contents: "module.exports = process;" };
      const exports = process.getBuiltinModule(path);
      // A Node that is too old for this may lack even the function; it still has to say that it is too old.
      const load = `process.getBuiltinModule?.(${JSON.stringify(path)})`;
      if (typeof exports === "function") return { contents: `module.exports = ${load};` };
      // Found once: asking Node for a module takes as long as much of what is done with it for every request.
      const head = `let found;\nconst load = () => (found ??= ${load});`;
      return { contents: `${head}\n${gettersOf(Object.keys(exports), "load()")}` };
    });
  },
};

/**
 * Runs the code of the package `yaml` when something of it is first used: most configuration files are read without,
 * and so is every command that reads none.
 */
export const lazyYaml = {
  name: "lazy yaml",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^yaml$/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy" }, async ({ path }) => {
      const exports = await import(path);
      const names = Object.keys(exports).filter((name) => name !== "default");
      return { contents: gettersOf(names, `require(${JSON.stringify(path)})`), resolveDir: root };
    });
  },
};

/** What the sources take from undici, by the files that have it. */
const partsOfUndici = {
  Client: "lib/dispatcher/client.js",
  Pool: "lib/dispatcher/pool.js",
  buildConnector: "lib/core/connect.js",
  errors: "lib/core/errors.js",
};

/** What undici takes from Node for what it does not do here, or only when it fails. */
const partsOfNode = {
  // For a limit of headers where none is given, which it then refuses, and for bodies that are answers of a server.
  "node:http": "module.exports = {};",
  "node:assert": `module.exports = (value, message) => {
  if (!value) process.getBuiltinModule("node:assert")(value, message);
};`,
};

/** What is switched off: HTTP/2, and a second parser in WebAssembly. */
const offInUndici = /undici\/lib\/(?:dispatcher\/client-h2|milo\/(?:no-)?simd)\.js$/;

/**
 * Leaves out of undici what is never used: `fetch`, WebSocket, mocks, answers as streams, and HTTP/2, which is off.
 * Together they take longer to load than everything else, and 20 MB. An import of anything else fails the build. Of Node
 * it gets what it uses.
 */
export const partOfUndici = {
  name: "part of undici",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: "part" }));
    onLoad({ filter: /.*/, namespace: "part" }, () => {
      const file = (path) => JSON.stringify(`undici/${path}`);
      const exports = Object.entries(partsOfUndici).map(
        ([name, path]) => `import ${name} from ${file(path)};\nexport { ${name} };`,
      );
      const whole = `import Dispatcher from ${file("lib/dispatcher/dispatcher.js")};
import connect from ${file("lib/api/api-connect.js")};
Dispatcher.prototype.connect = connect;`;
      return { contents: [whole, ...exports].join("\n"), resolveDir: root };
    });
    onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      path in partsOfNode && /node_modules\/undici\//.test(importer) ? { path, namespace: "part-of-node" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "part-of-node" }, ({ path }) => ({ contents: partsOfNode[path] }));
    onLoad({ filter: offInUndici }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error("${basename(path)} is off"); };`,
    }));
  },
};

/** Puts the compiled schema in the place of the file that compiles it, and the compiler out of the program. */
export const compiledSchema = {
  name: "compiled schema",
  setup({ onLoad }) {
    onLoad({ filter: /src\/config\/fits-schema\.ts$/ }, async ({ path }) => {
      const [{ schemaOptions, fitsSchema }, { Ajv2020, _ }, { default: standaloneCode }] = await Promise.all([
        import("../src/config/fits-schema.ts"),
        import("ajv/dist/2020.js"),
        import("ajv/dist/standalone/index.js"),
      ]);
      const ajv = new Ajv2020({ ...schemaOptions, code: { source: true, esm: true, formats: _`formats` } });
      const validate = ajv.compile(fitsSchema.schema);
      return {
        contents: `import { formats } from "./formats.ts";\n${standaloneCode.default(ajv, validate)}
export { validate as fitsSchema };`,
        resolveDir: dirname(path),
      };
    });
  },
};

/** Puts what runs the bundle, which is beside it and has this name, in the place of the file that loads the sources. */
export const loadsBundle = (name) => ({
  name: "loads the bundle",
  setup({ onLoad }) {
    onLoad({ filter: /src\/load-program\.ts$/ }, ({ path }) => ({
      contents: `import { join } from "node:path";
import { runBundle } from "../.ci/compiled-bundle.mjs";
export const loadProgram = async () => runBundle(join(__dirname, ${JSON.stringify(name)}));`,
      resolveDir: dirname(path),
    }));
  },
});
