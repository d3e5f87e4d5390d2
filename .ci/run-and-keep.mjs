// node .ci/run-and-keep.mjs BUNDLE ARGUMENT...: runs the program with the arguments, and keeps what V8 compiled meanwhile.

import { runBundleAndKeepCode } from "./compiled-bundle.mjs";

const [node, , bundle, ...words] = process.argv;
process.argv = [node, bundle, ...words];
await runBundleAndKeepCode(bundle).runHere();
