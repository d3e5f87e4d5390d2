import { readdir as namesIn, readFile as contentOf } from "node:fs";
import { promisify } from "node:util";

/**
 * The content of a file and the names in a folder, as `node:fs/promises` gives them and with the same errors. That
 * module brings readline and all that it needs along: who only reads can start without.
 */
export const readFile = promisify(contentOf);
/** See `readFile`. */
export const readdir = promisify(namesIn);
