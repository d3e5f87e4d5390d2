import { styleText } from "node:util";
import type { Clock } from "../base/clock.ts";
import { escapeUnprintable } from "../observe/printable.ts";
import type { BlobProgress, ImageProgress, Progress } from "../observe/progress.ts";
import { RateWindow } from "../base/rate-window.ts";
import { countOf, formatBytes, formatDuration } from "./quantities.ts";
import { keepEnd, keepStart, textWidth } from "./text-width.ts";
import type { Output, TerminalSize } from "./world.ts";

/** Between two paintings: quick enough to look alive, slow enough to cost nothing. */
const repaintMs = 100;
/** More lines than this would push the log off the screen. */
const maxLines = 12;
/** `sha256:` and the twelve digits that people compare. */
const digestCells = 19;

const clearBelow = "\x1b[J";

interface RunningBlob {
  readonly name: string;
  readonly sizeBytes: number | undefined;
  movedBytes: number;
}

interface RunningImage {
  readonly source: string;
  readonly target: string;
  readonly blobs: Set<RunningBlob>;
}

/**
 * What is being copied right now, as a block of lines at the bottom of a terminal.
 *
 * Between two paintings the cursor stands at the start of the block, so that whoever clears everything below the
 * cursor has a clean screen, whatever the block looked like. Everything else that is written to the same terminal
 * meanwhile goes through `print`. Disposing takes the block away.
 */
export class LiveView implements Progress, Disposable {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #colours: boolean;
  readonly #signal: AbortSignal;
  readonly #startedMs: number;
  readonly #images = new Set<RunningImage>();
  readonly #rate = new RateWindow();
  #imagesDone = 0;
  #bytes = 0;
  #painted = "";
  #next: Disposable;

  /** The signal only changes what is said: that the program is stopping. */
  constructor(output: Output, clock: Clock, colours: boolean, signal: AbortSignal) {
    this.#output = output;
    this.#clock = clock;
    this.#colours = colours;
    this.#signal = signal;
    this.#startedMs = clock.monotonic();
    this.#next = clock.after(repaintMs, () => this.#repaint());
  }

  /** Writes whole lines above the block. */
  print(lines: string): void {
    this.#output.write(this.#painted === "" ? lines : clearBelow + lines + this.#painted);
  }

  image(source: string, target: string): ImageProgress {
    const image: RunningImage = {
      source: escapeUnprintable(source),
      target: escapeUnprintable(target),
      blobs: new Set(),
    };
    this.#images.add(image);
    return {
      blob: (digest, sizeBytes) => this.#blob(image, digest, sizeBytes),
      [Symbol.dispose]: () => {
        if (this.#images.delete(image)) this.#imagesDone += 1;
      },
    };
  }

  [Symbol.dispose](): void {
    this.#next[Symbol.dispose]();
    if (this.#painted !== "") this.#output.write(clearBelow);
    this.#painted = "";
  }

  #blob(image: RunningImage, digest: string, sizeBytes: number | undefined): BlobProgress {
    const name = keepStart(escapeUnprintable(digest), digestCells);
    const blob: RunningBlob = { name, sizeBytes, movedBytes: 0 };
    image.blobs.add(blob);
    return {
      moved: (bytes) => {
        blob.movedBytes += bytes;
        this.#bytes += bytes;
      },
      [Symbol.dispose]: () => void image.blobs.delete(blob),
    };
  }

  #repaint(): void {
    this.#next = this.#clock.after(repaintMs, () => this.#repaint());
    const size = this.#output.size();
    const block = size === undefined ? "" : this.#block(size);
    if (block === this.#painted) return;
    this.#output.write(clearBelow + block);
    this.#painted = block;
  }

  /** The lines, and the way back to where they start. One column stays free: writing the last one wraps somewhere. */
  #block({ columns, rows }: TerminalSize): string {
    const cells = columns - 1;
    const lines = [this.#totals(cells), ...this.#running(cells)].slice(0, Math.max(1, Math.min(maxLines, rows - 1)));
    return `${lines.join("\n")}\r${lines.length > 1 ? `\x1b[${lines.length - 1}A` : ""}`;
  }

  #totals(cells: number): string {
    const now = this.#clock.monotonic();
    const facts = [
      `${countOf(this.#imagesDone, "image")} done`,
      formatBytes(this.#bytes),
      `${formatBytes(this.#rate.perSecond(now, this.#bytes))}/s`,
      formatDuration(now - this.#startedMs),
    ];
    if (this.#signal.aborted) facts.push("stopping; once more ends it at once");
    return this.#paint("bold", keepStart(facts.join("  "), cells));
  }

  #running(cells: number): string[] {
    return [...this.#images].flatMap((image) => [
      imageLine(image, cells),
      ...[...image.blobs].map((blob) => this.#paint("cyan", blobLine(blob, cells))),
    ]);
  }

  #paint(style: "bold" | "cyan", text: string): string {
    return this.#colours ? styleText(style, text, { validateStream: false }) : text;
  }
}

function imageLine({ source, target }: RunningImage, cells: number): string {
  const arrow = " -> ";
  const room = cells - arrow.length;
  const shownSource = keepEnd(source, Math.max(Math.floor(room / 2), room - textWidth(target)));
  return keepStart(shownSource + arrow + keepEnd(target, room - textWidth(shownSource)), cells);
}

/** `  sha256:0123456789ab [=====     ] 45% of 27.1 MiB`; without the bar where there is no room for one. */
function blobLine({ name, sizeBytes, movedBytes }: RunningBlob, cells: number): string {
  if (sizeBytes === undefined) return keepStart(`  ${name} ${formatBytes(movedBytes)}`, cells);
  const share = sizeBytes === 0 ? 1 : Math.min(1, movedBytes / sizeBytes);
  const percent = `${Math.floor(share * 100)}%`.padStart(5);
  const size = `of ${formatBytes(sizeBytes)}`;
  const room = Math.min(40, cells - 2 - digestCells - percent.length - size.length - 4);
  const done = Math.floor(share * room);
  const bar = room < 5 ? "" : ` [${"=".repeat(done)}${" ".repeat(room - done)}]`;
  return keepStart(`  ${name}${bar}${percent} ${size}`, cells);
}
