/** The way to a value in the document: keys, and positions in lists. */
export type Path = readonly (string | number)[];

const plainKey = /^(?:[A-Za-z_][A-Za-z0-9_-]*|<<)$/;

/** The way as people write it: `sync[2].tags.allow[0]`, `""` for the whole document. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!plainKey.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
