import { configureGlobal } from "fast-check";

// Every run tries the same inputs, so that a red run can be repeated. `REGSYNC_TEST_SEED` tries others, and
// `REGSYNC_TEST_RUNS` more of them: what they find becomes a test of its own.
const { REGSYNC_TEST_SEED: seed = "1", REGSYNC_TEST_RUNS: runs = "100" } = process.env;
configureGlobal({ seed: Number(seed), numRuns: Number(runs) });
