import { readdir as namesIn, readFile as contentOf, stat as factsOf } from "node:fs";
import { promisify } from "node:util";

/**
 * The content of a file, the names in a folder and what a path leads to, as `node:fs/promises` gives them and with the
 * same errors. That module brings readline and all that it needs along: who only reads can start without.
 */
export const readFile = promisify(contentOf);
/** See `readFile`. */
export const readdir = promisify(namesIn);
/** See `readFile`. */
export const stat = promisify(factsOf);
