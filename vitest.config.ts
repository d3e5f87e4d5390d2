import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Where a machine-readable report goes as well, or `undefined` for none. */
const report = process.env["REGSYNC_TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/property-tests.ts"],
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // One for each core, and no core left idle for the runner: it does next to nothing.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // What is polled for comes in a moment, but on a machine with other work not always within the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    restoreMocks: true,
  },
});
