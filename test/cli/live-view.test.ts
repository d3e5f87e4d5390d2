import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LiveView } from "../../src/cli/live-view.ts";
import { textWidth } from "../../src/cli/text-width.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeTerminal } from "../support/fake-terminal.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const mebibyte = 1_048_576;
const never = new AbortController().signal;

interface Scene {
  readonly view: LiveView;
  readonly terminal: FakeTerminal;
  readonly clock: FakeClock;
}

function openScene(columns = 80, rows = 24, signal = never): Scene {
  const terminal = new FakeTerminal({ columns, rows });
  const clock = new FakeClock();
  return { view: new LiveView(terminal, clock, false, signal), terminal, clock };
}

test("shows what is done, how fast, and what is being copied now", () => {
  const { view, terminal, clock } = openScene();
  view.image("a/old:1", "b/old:1")[Symbol.dispose]();
  const image = view.image("docker.io/library/alpine:3", "mirror.test/alpine:3");
  const blob = image.blob(digest, 4 * mebibyte);
  image.blob("sha256:feed", undefined).moved(10);

  clock.advance(1_000);
  blob.moved(2 * mebibyte);
  clock.advance(1_000);

  expect(terminal.screen).toEqual([
    "1 image done  2.0 MiB  1.1 MiB/s  2.0s",
    "docker.io/library/alpine:3 -> mirror.test/alpine:3",
    "  sha256:0123456789ab [===================                    ]  50% of 4.0 MiB",
    "  sha256:feed 10 B",
  ]);
});

test("lets log lines scroll by above it", () => {
  const { view, terminal, clock } = openScene();
  view.image("a:1", "b:1");
  view.print("first\n");

  clock.advance(100);
  view.print("second\nthird\n");

  expect(terminal.screen).toEqual(["first", "second", "third", expect.stringContaining("0 images done"), "a:1 -> b:1"]);
});

test("paints so many times a second, whatever happens", () => {
  const { view, terminal, clock } = openScene();
  const blob = view.image("a:1", "b:1").blob(digest, 1_000_000);

  for (let step = 0; step < 1_000; step++) {
    blob.moved(1_000);
    clock.advance(1);
  }

  expect(terminal.writes).toBe(10);
});

test("takes lines away when they are done", () => {
  const { view, terminal, clock } = openScene();
  const image = view.image("a:1", "b:1");
  const blob = image.blob(digest, 10);
  clock.advance(100);

  blob[Symbol.dispose]();
  clock.advance(100);
  expect(terminal.screen).toHaveLength(2);

  image[Symbol.dispose]();
  image[Symbol.dispose]();
  clock.advance(100);
  expect(terminal.screen).toEqual([expect.stringContaining("1 image done")]);
});

test("leaves the screen clean, and nothing running", () => {
  const { view, terminal, clock } = openScene();
  view.image("a:1", "b:1").blob(digest, 10);
  view.print("log\n");
  clock.advance(100);

  view[Symbol.dispose]();
  view[Symbol.dispose]();
  view.print("later\n");
  clock.advance(1_000);

  expect(terminal.screen).toEqual(["log", "later"]);
  expect(clock.alarms).toBe(0);
});

test("can be wiped off by anybody, because the cursor waits at its start", () => {
  const { view, terminal, clock } = openScene();
  view.image("a:1", "b:1").blob(digest, 10);
  view.print("log\n");
  clock.advance(100);

  terminal.write("\x1b[J");

  expect(terminal.screen).toEqual(["log"]);
});

test("says how to end at once when it is told to stop", () => {
  const stopping = new AbortController();
  const { terminal, clock } = openScene(80, 24, stopping.signal);

  stopping.abort();
  clock.advance(100);

  expect(terminal.screen[0]).toContain("stopping; once more ends it at once");
});

test("stays within a small terminal", () => {
  const { view, terminal, clock } = openScene(30, 4);
  for (let count = 0; count < 20; count++) view.image(`host.test/a-long-path/${count}:tag`, "b").blob(digest, 10);

  clock.advance(100);

  expect(terminal.screen).toHaveLength(3);
});

test("keeps the tags of long names in sight", () => {
  const { view, terminal, clock } = openScene(60);
  view.image(`registry.test/${"deep/".repeat(20)}name:1.2.3`, `mirror.test/${"deep/".repeat(20)}name:1.2.3`);

  clock.advance(100);

  expect(terminal.screen[1]).toMatch(/^\.\.\..*name:1\.2\.3 -> \.\.\..*name:1\.2\.3$/);
});

test("is one plain number where there is no room for a bar", () => {
  const { view, terminal, clock } = openScene(38);
  view.image("a", "b").blob(digest, 4).moved(8);

  clock.advance(100);

  expect(terminal.screen[2]).toBe("  sha256:0123456789ab 100% of 4 B");
});

test("counts an empty blob as done", () => {
  const { view, terminal, clock } = openScene();
  view.image("a", "b").blob(digest, 0);

  clock.advance(100);

  expect(terminal.screen[2]).toContain("100% of 0 B");
});

test("never obeys a name", () => {
  const { view, terminal, clock } = openScene();
  view.image("a\x1b[2J\n", "b\u202e").blob("sha256:\x1b[31m", 1);

  clock.advance(100);

  expect(terminal.screen.slice(1)).toEqual([
    "a\\x1b[2J\\n -> b\\u202e",
    expect.stringMatching(/^ {2}sha256:\\x1b\[31m /),
  ]);
});

test("colours only when it may", () => {
  const terminal = new FakeTerminal();
  const clock = new FakeClock();
  new LiveView(terminal, clock, true, never).image("a", "b").blob(digest, 1);
  clock.advance(100);

  const plain = openScene();
  plain.view.image("a", "b").blob(digest, 1);
  plain.clock.advance(100);

  expect(terminal.sent).toContain("\x1b[36m");
  expect(plain.terminal.sent).not.toMatch(/\x1b\[\d+m/); // oxlint-disable-line no-control-regex -- the very thing
  expect(terminal.screen).toEqual(plain.terminal.screen);
});

test("never writes into the last column, however wide the letters are", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      fc.integer({ min: 1, max: 60 }),
      (source, target, columns) => {
        const { view, terminal, clock } = openScene(columns);
        view.image(source, target).blob(digest, 7);

        clock.advance(100);

        for (const line of terminal.screen) expect(textWidth(line)).toBeLessThan(Math.max(2, columns));
        expect(terminal.screen.length).toBeLessThanOrEqual(3);
      },
    ),
  );
});
