import { test as base } from "vitest";

/**
 * A `test` whose bodies are given `stage`: something costly that the tests of one file share, made when the first one
 * asks for it and disposed after the last.
 */
export function testOn<T extends AsyncDisposable>(start: () => Promise<T>) {
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures this one needs: none
  return base.extend("stage", { scope: "file" }, async ({}, { onCleanup }): Promise<T> => {
    const stage = await start();
    onCleanup(() => stage[Symbol.asyncDispose]());
    return stage;
  });
}
