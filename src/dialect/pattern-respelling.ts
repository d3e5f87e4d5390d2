import { patternTokens } from "./pattern-tokens.ts";

/** Long names of the Unicode categories whose short names differ. Spec: Unicode PropertyValueAliases, `gc`. */
const categories: ReadonlyMap<string, string> = new Map(
  Object.entries({
    C: "other",
    Cc: "control cntrl",
    Cf: "format",
    Cn: "unassigned",
    Co: "privateuse",
    Cs: "surrogate",
    L: "letter",
    LC: "casedletter",
    Ll: "lowercaseletter",
    Lm: "modifierletter",
    Lo: "otherletter",
    Lt: "titlecaseletter",
    Lu: "uppercaseletter",
    M: "mark combiningmark",
    Mc: "spacingmark",
    Me: "enclosingmark",
    Mn: "nonspacingmark",
    N: "number",
    Nd: "decimalnumber digit",
    Nl: "letternumber",
    No: "othernumber",
    P: "punctuation punct",
    Pc: "connectorpunctuation",
    Pd: "dashpunctuation",
    Pe: "closepunctuation",
    Pf: "finalpunctuation",
    Pi: "initialpunctuation",
    Po: "otherpunctuation",
    Ps: "openpunctuation",
    S: "symbol",
    Sc: "currencysymbol",
    Sk: "modifiersymbol",
    Sm: "mathsymbol",
    So: "othersymbol",
    Z: "separator",
    Zl: "lineseparator",
    Zp: "paragraphseparator",
    Zs: "spaceseparator",
  }).flatMap(([short, long]) => [short.toLowerCase(), ...long.split(" ")].map((name) => [name, short] as const)),
);

/**
 * Writes what only newer versions of Go read in the way that all of them do: long names of Unicode categories, names
 * of properties in any case (`\p{latin}`), and a group's name that is used twice. The meaning for matching whole names
 * is the same. Spec: Go 1.25 `regexp/syntax`.
 */
export function respell(text: string): string {
  const names = new Set<string>();
  return patternTokens(text)
    .map((token) => {
      if (/^\\p/i.test(token)) return respellProperty(token, false);
      if (token.startsWith("[")) return token.replace(escapes, (escape) => respellProperty(escape, true));
      if (!token.startsWith("(?")) return token;
      const name = token.slice(token.indexOf("<"));
      if (names.has(name)) return "(";
      names.add(name);
      return token;
    })
    .join("");
}

const escapes = /\\[pP]\{[^}]*(?:\}|$)|\\[pP]?[^]/gu;

/** Another escape than that of a property stays as it is. */
function respellProperty(escape: string, inClass: boolean): string {
  const parts = /^\\([pP])(?:\{(\^?)([^}]*)\}|([A-Za-z]))$/.exec(escape);
  if (parts === null) return escape;
  const [, kind = "", caret = "", name = parts[4] ?? ""] = parts;
  const words = name.toLowerCase().split(/[ _-]+/);
  const bare = words.join("");
  if (bare === "ascii") {
    const set = (kind === "P") !== (caret === "^") ? "[:^ascii:]" : "[:ascii:]";
    return inClass ? set : `[${set}]`;
  }
  const proper = categories.get(bare) ?? words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("_");
  return `\\${kind}{${caret}${proper}}`;
}
