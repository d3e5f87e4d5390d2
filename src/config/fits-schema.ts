import { Ajv2020, type Options, type ValidateFunction } from "ajv/dist/2020.js";
import { formats } from "./formats.ts";
import { schemaDocument } from "./shape.ts";

/** How the schema is compiled; `.ci/bundle-plugins.mjs` compiles it with the same when the bundle is made. */
export const schemaOptions: Options = {
  allErrors: true,
  allowUnionTypes: true,
  formats,
  keywords: ["x-ignoreCase"],
  validateSchema: false,
  verbose: true,
};

/**
 * Whether a document fits the schema; what does not is in `errors` afterwards. Compiling takes far longer than
 * checking: once for the program, and in the bundle not even that, where the compiled code stands in this file's place.
 */
export const fitsSchema: ValidateFunction = new Ajv2020(schemaOptions).compile(schemaDocument);
