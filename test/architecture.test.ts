import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const sourceFolder = fileURLToPath(new URL("../src", import.meta.url));

/** Which rooms a room may import from, besides itself. A new room is a new row. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  observe: ["base"],
  oci: ["base"],
  template: ["base"],
  dialect: ["base"],
  config: ["base", "oci", "template", "dialect"],
  registry: ["base", "observe", "oci"],
  layout: ["base", "observe", "oci"],
  copy: ["base", "observe", "oci"],
  sync: ["base", "observe", "oci", "copy", "dialect", "config"],
  state: ["base", "observe", "oci"],
  schedule: ["base", "observe", "dialect"],
  server: ["base", "observe", "oci", "copy", "config", "sync", "schedule"],
  serve: ["base", "observe"],
};

/** What the sources read from beside them: the shape of the file, which editors read too. */
const schema = { file: "../config/regsync.schema.json", room: "config" };

/** The rooms that assemble the others, and the files directly in `src/`: they may import whatever they need. */
const assemblers: ReadonlySet<string> = new Set(["cli", "."]);

/** Longer files have a second idea in them. */
const longestFile = 300;

interface Import {
  /** As a path below `src/` (`oci/digest.ts`), or the name of a package or built-in. */
  readonly target: string;
  readonly isLocal: boolean;
  /** Whether nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
  readonly isReExport: boolean;
}

interface SourceFile {
  /** Below `src/`, with forward slashes. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** The lines without comments, numbered from 1. */
  readonly code: readonly { readonly number: number; readonly text: string }[];
  readonly imports: readonly Import[];
}

const files = readdirSync(sourceFolder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readSource(relative(sourceFolder, join(sourceFolder, name)).replaceAll("\\", "/")))
  .sort((a, b) => a.path.localeCompare(b.path));

function readSource(path: string): SourceFile {
  const text = readFileSync(join(sourceFolder, path), "utf8");
  return {
    path,
    room: path.includes("/") ? path.slice(0, path.indexOf("/")) : ".",
    text,
    code: codeLines(text),
    imports: importsOf(path, text),
  };
}

/** Enough for source that a formatter has written: comments begin their line, or follow the code behind two slashes. */
function codeLines(text: string): SourceFile["code"] {
  return text
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line.replace(/(^|\s)\/\/ .*$/, "") }))
    .filter((line) => !/^\s*(\/\*|\*|\/\/)/.test(line.text));
}

function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(/^(import|export)\s(type\s)?(?:[^;"]*?\sfrom\s)?"([^"]+)"/gm);
  const dynamic = text.matchAll(/(?<!\w)import\("([^"]+)"\)/g);
  const found = [
    ...[...statements].map(([, verb, type, target]) => ({ verb, type, target })),
    ...[...dynamic].map(([, target]) => ({ verb: "import", type: undefined, target })),
  ];
  return found.map(({ verb, type, target = "" }) => {
    const isLocal = target.startsWith(".");
    return {
      target: isLocal ? posix.normalize(posix.join(dirname(path), target)) : target,
      isLocal,
      isTypeOnly: type !== undefined,
      isReExport: verb === "export",
    };
  });
}

function roomOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : ".";
}

/** Every place where code outside the allowed files says what the pattern matches, as `file:line: text`. */
function placesThatSay(pattern: RegExp, allowed: readonly string[]): string[] {
  return files
    .filter((file) => !allowed.includes(file.path))
    .flatMap((file) =>
      file.code
        .filter((line) => pattern.test(line.text))
        .map((line) => `${file.path}:${line.number}: ${line.text.trim()}`),
    );
}

describe("rooms", () => {
  test("every folder of src is a room of the table", () => {
    const unknown = [...new Set(files.map((file) => file.room))].filter(
      (room) => !(room in rooms) && !assemblers.has(room),
    );

    expect(unknown, "a new room needs a row in the table of this test").toEqual([]);
  });

  test("a room imports only from the rooms below it", () => {
    const wrong = files
      .filter((file) => file.room in rooms)
      .flatMap((file) =>
        file.imports
          .filter((each) => each.isLocal && !(each.target === schema.file && file.room === schema.room))
          .filter((each) => roomOf(each.target) !== file.room && !rooms[file.room]?.includes(roomOf(each.target)))
          .map((each) => `${file.path} imports ${each.target}, and ${file.room} may not enter ${roomOf(each.target)}`),
      );

    expect(wrong).toEqual([]);
  });

  test("sync knows of the configuration only what a plan is", () => {
    const wrong = files
      .filter((file) => file.room === "sync")
      .flatMap((file) =>
        file.imports
          .filter((each) => each.isLocal && roomOf(each.target) === "config")
          .filter((each) => each.target !== "config/plan.ts" || !each.isTypeOnly)
          .map((each) => `${file.path} imports ${each.target}: only \`import type\` of config/plan.ts is meant`),
      );

    expect(wrong).toEqual([]);
  });

  test("copy has never met registry or layout, not even through a third room", () => {
    const strangers = new Set(["registry", "layout"]);

    const reached = files
      .filter((file) => file.room === "copy")
      .flatMap((file) => [...reachableFrom(file.path)].filter((path) => strangers.has(roomOf(path))));

    expect([...new Set(reached)]).toEqual([]);
  });

  test("no file imports itself by way of others", () => {
    const cycles = files.filter((file) => reachableFrom(file.path).has(file.path)).map((file) => file.path);

    expect(cycles).toEqual([]);
  });
});

/** Every file that is loaded along with this one, itself only when it is part of a cycle. Types load nothing. */
function reachableFrom(path: string): Set<string> {
  const reached = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const loaded = files.find((file) => file.path === next)?.imports.filter((each) => each.isLocal && !each.isTypeOnly);
    for (const { target } of loaded ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      open.push(target);
    }
  }
  return reached;
}

describe("seams", () => {
  test("only main.ts and this-process.ts read the arguments and the environment, and end the process", () => {
    const pattern = /\bprocess\.(argv|env|exit|exitCode|execArgv)\b/;

    expect(placesThatSay(pattern, ["main.ts", "this-process.ts"])).toEqual([]);
  });

  test("only base/clock.ts knows timers and the time of day", () => {
    const pattern =
      /\b(Date\.now|performance\.now|new Date\(\)|setTimeout\(|setInterval\(|setImmediate\(|AbortSignal\.timeout)/;

    expect(placesThatSay(pattern, ["base/clock.ts"])).toEqual([]);
  });

  test("nothing imports timers of its own", () => {
    expect(placesThatSay(/from "(node:)?timers/, [])).toEqual([]);
  });

  test("no program is started through a shell", () => {
    const pattern = /shell: true|\bexecSync\b|\bexec\b.* from "node:child_process"/;

    expect(placesThatSay(pattern, [])).toEqual([]);
  });

  test("text is never run as code", () => {
    expect(placesThatSay(/\beval\(|new Function\(|node:vm/, [])).toEqual([]);
  });
});

function exportedName(line: string): string | undefined {
  return /^export (?:abstract |async )*(?:function\*?|class|const|interface|type) (\w+)/.exec(line)?.[1];
}

describe("files", () => {
  test("nothing is exported by default or handed on from another file", () => {
    const wrong = [
      ...placesThatSay(/^export default\b/, []),
      ...files.flatMap((file) =>
        file.imports.filter((each) => each.isReExport).map((each) => `${file.path} re-exports ${each.target}`),
      ),
    ];

    expect(wrong).toEqual([]);
  });

  test("names are in kebab-case", () => {
    const wrong = files.map((file) => file.path).filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(path));

    expect(wrong).toEqual([]);
  });

  test("no file has grown beyond one idea", () => {
    const long = files
      .map((file) => ({ path: file.path, lines: file.text.split("\n").length - 1 }))
      .filter((file) => file.lines > longestFile)
      .map((file) => `${file.path} has ${file.lines} lines`);

    expect(long).toEqual([]);
  });

  test("everything exported says what it is", () => {
    const silent = files.flatMap((file) => {
      const lines = file.text.split("\n");
      return lines.flatMap((line, index) => {
        const name = exportedName(line);
        const above = lines[index - 1] ?? "";
        // Of constants that stand in a row, the first speaks for all.
        const inARow = /^export const .*;$/.test(line) && exportedName(above) !== undefined;
        return name === undefined || inARow || above.endsWith("*/") ? [] : [`${file.path}:${index + 1}: ${name}`];
      });
    });

    expect(silent, "each needs a docstring on the line above it").toEqual([]);
  });

  test("an `as` carries its reason on its line", () => {
    const silent = files.flatMap((file) =>
      file.text
        .split("\n")
        .map((line, index) => ({ line, number: index + 1 }))
        .filter(({ line }) => /[)\]\w}] as (?!const\b|\w+[,}\s]*(?:from|,|}))[A-Z{(]/.test(line))
        .filter(({ line }) => !/^\s*(\/\/|\*|import|export \{|\/\*)/.test(line) && !line.includes("//"))
        .map(({ line, number }) => `${file.path}:${number}: ${line.trim()}`),
    );

    expect(silent).toEqual([]);
  });
});
