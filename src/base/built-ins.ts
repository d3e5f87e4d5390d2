import type * as Http from "node:http";
import module from "node:module";
import type * as Tls from "node:tls";

// An import of such a module copies all it exports, and that runs what loads only when it is asked for: a fetch client
// with its own HTTP in one, every root certificate in the other. Together they take longer than all else at the start.
const load = module.createRequire(import.meta.url);

/** `node:http`, at a tenth of the time that importing it takes. */
export const http = load("node:http") as typeof Http; // its own name says what it is
/** `node:tls`, at half the time that importing it takes. */
export const tls = load("node:tls") as typeof Tls; // its own name says what it is
