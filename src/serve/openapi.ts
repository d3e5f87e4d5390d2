import { jsonAnswer } from "./answer.ts";
import { type JsonSchema, schemas } from "./openapi-schemas.ts";
import type { Route } from "./route.ts";

/** `/api/v1/openapi.json`: what the listener answers. */
export function descriptionRoute(version: string): Route {
  const document = describe(version);
  return { method: "GET", path: "/api/v1/openapi.json", access: "read", answer: () => jsonAnswer(200, document) };
}

const problems: Readonly<Record<number, string>> = {
  400: "The request cannot be read",
  401: "A token is configured, and was not shown",
  403: "No token is configured, so nothing can be changed",
  404: "There is no such entry or check",
  409: "The entry is running already, or is not running",
  422: "The file was refused, and the old configuration goes on",
  503: "No work is taken",
};

const text = { type: "string" };
const plain = { "text/plain": { schema: text } };
const verbose = { name: "verbose", in: "query", schema: text, description: "Says more" };
const entryName = { name: "name", in: "path", required: true, schema: text, description: "Percent-encoded" };
const entryFilter = { name: "entry", in: "query", schema: text, description: "Only the runs of this entry" };
const runLimit = { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 99_999, default: 100 } };

/** The OpenAPI 3.1 document of the listener. */
export function describe(version: string): JsonSchema {
  const probe = (path: string, words: string): JsonSchema => ({
    [`/${path}`]: { get: probeOf(words, [verbose, excluding], {}) },
    [`/${path}/{check}`]: { get: probeOf(`${words}, by one check`, [checkName], problem(404)) },
  });
  return {
    openapi: "3.1.0",
    info: { title: "regsync", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    components: { schemas, securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    paths: {
      ...probe("livez", "Whether starting the process anew would not help"),
      ...probe("readyz", "Whether work is taken"),
      ...probe("startupz", "Whether a first configuration was usable"),
      "/healthz": { get: { summary: "How everything is doing", parameters: [verbose], ...open(healthResponses) } },
      "/metrics": { get: reading("What was counted", metricsResponse) },
      "/api/v1/entries": { get: reading("Every entry", json(200, "EntryList")) },
      "/api/v1/entries/{name}": {
        parameters: [entryName],
        get: reading("One entry", { ...json(200, "EntryDetail"), ...problem(404) }),
      },
      "/api/v1/entries/{name}/run": {
        parameters: [entryName],
        post: writing("Runs the entry at once", { ...json(202, "Accepted"), ...problem(404, 409, 503) }),
      },
      "/api/v1/entries/{name}/cancel": {
        parameters: [entryName],
        post: writing("Stops the run that is going on", { ...json(202, "Accepted"), ...problem(404, 409) }),
      },
      "/api/v1/runs": {
        parameters: [entryFilter, runLimit],
        get: reading("The last runs, newest first", json(200, "RunList")),
      },
      "/api/v1/openapi.json": {
        get: reading("This document", { 200: content("application/json", { type: "object" }) }),
      },
      "/-/reload": { post: writing("Reads the file again", { ...json(200, "Reload"), ...problem(422, 503) }) },
    },
  };
}

const excluding = {
  name: "exclude",
  in: "query",
  schema: { type: "array", items: text },
  explode: true,
  description: "A check to leave out",
};
const checkName = { name: "check", in: "path", required: true, schema: text };
const healthResponses = { ...json(200, "Health"), 503: content("application/json", reference("Health")) };
const metricsResponse = {
  200: {
    description: "In the form that the Accept header prefers",
    content: { ...plain, "application/openmetrics-text": { schema: text } },
  },
};

function probeOf(summary: string, parameters: readonly object[], more: JsonSchema): JsonSchema {
  const responses = {
    200: { description: "It is", content: plain },
    503: { description: "It is not", content: plain },
  };
  return { summary, parameters, ...open({ ...responses, ...more }) };
}

function open(responses: JsonSchema): JsonSchema {
  return { security: [], responses: { ...responses, ...problem(400) } };
}

function reading(summary: string, responses: JsonSchema): JsonSchema {
  return { summary, security: [{}, { token: [] }], responses: { ...responses, ...problem(400, 401) } };
}

function writing(summary: string, responses: JsonSchema): JsonSchema {
  return { summary, security: [{ token: [] }], responses: { ...responses, ...problem(400, 401, 403) } };
}

function json(status: number, schema: string): JsonSchema {
  return { [status]: content("application/json", reference(schema)) };
}

function problem(...statuses: readonly number[]): JsonSchema {
  const one = (status: number): JsonSchema => ({
    description: problems[status],
    content: { "application/problem+json": { schema: reference("Problem") } },
  });
  return Object.fromEntries(statuses.map((status) => [status, one(status)]));
}

function content(mediaType: string, schema: JsonSchema): JsonSchema {
  return { description: "The answer", content: { [mediaType]: { schema } } };
}

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
