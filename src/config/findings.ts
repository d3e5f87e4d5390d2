import type { Lines } from "./lines.ts";
import { formatPath, type Path } from "./path.ts";
import type { Places } from "./places.ts";
import type { Complaint } from "./plan.ts";

/** Collects what is wrong or doubtful in one file. */
export class Findings {
  readonly #file: string;
  readonly #lines: Lines;
  readonly #places: Places;
  readonly #complaints = new Map<string, Complaint>();
  #root: object = {};
  #refused = false;

  constructor(file: string, lines: Lines, places: Places) {
    this.#file = file;
    this.#lines = lines;
    this.#places = places;
  }

  /** Says which document the paths go through from now on. */
  follow(root: object): void {
    this.#root = root;
  }

  /** Whether something makes the whole file unusable. */
  get refused(): boolean {
    return this.#refused;
  }

  /** In the order of the file. What is said twice about one place (by way of an alias) is there once. */
  get complaints(): readonly Complaint[] {
    return [...this.#complaints.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Something that makes the whole file unusable. */
  refuse(path: Path, message: string, offset = this.offsetOf(path)): void {
    this.#refused = true;
    this.#add("error", path, message, offset);
  }

  /** Something that makes one entry unusable. */
  fault(path: Path, message: string, offset = this.offsetOf(path)): Complaint {
    return this.#add("error", path, message, offset);
  }

  /** Something that can be meant, and probably is not. */
  warn(path: Path, message: string, offset = this.offsetOf(path)): void {
    this.#add("warning", path, message, offset);
  }

  /** Where a value begins, in characters; `undefined` when nothing on the way to it is in the text. */
  offsetOf(path: Path): number | undefined {
    return this.#places.offsetOf(this.#root, path);
  }

  #add(severity: Complaint["severity"], path: Path, message: string, offset: number | undefined): Complaint {
    const position = offset === undefined ? { line: 0, column: 0 } : this.#lines.positionOf(offset);
    const complaint = { severity, file: this.#file, ...position, path: formatPath(path), message };
    const key = `${position.line}:${position.column}:${message}`;
    const known = this.#complaints.get(key);
    if (known === undefined || (known.severity === "warning" && severity === "error"))
      this.#complaints.set(key, complaint);
    return complaint;
  }
}
