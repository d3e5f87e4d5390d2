import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { LockFile, type LockLevel } from "../../src/layout/lock.ts";
import { makeArtifact, makeImage, sbomType } from "../support/images.ts";
import { makeLayouts, putImage, signal, writeBytes } from "./samples.ts";

// A process of its own that works on a layout. Arguments: what to do, the layout's folder, and what each says below.
// It writes a line when others may go on; those that then wait do so until they are killed.

const [task = "", folder = "", what = ""] = process.argv.slice(2);
const layout = makeLayouts(systemClock).repository(folder);

/** Keeps the process alive. */
const waiting = setInterval(() => undefined, 60_000);

switch (task) {
  // Images under the tags `<what>-0` to `<what>-9`, each also as `latest` and each with a referrer of image 0.
  case "write":
    for (let at = 0; at < 10; at += 1) {
      const image = makeImage({ seed: at + (what === "a" ? 100 : 200), layerBytes: [50_000, 10] });
      await putImage(layout, image, `${what}-${at}`);
      await putImage(layout, image, "latest");
      const subject = makeImage({ seed: 0 });
      await putImage(layout, makeArtifact({ artifactType: sbomType, subject, content: `${what} ${at}` }));
      await layout.tidy(signal);
    }
    clearInterval(waiting);
    break;
  // A lock of the level that is asked for.
  case "hold":
    await new LockFile(join(folder, ".regsync", "lock"), systemClock).take(what as LockLevel, signal); // the tests say one
    break;
  // The beginning of an image: the blob `what`.
  case "begin":
    await layout.pin(signal);
    await writeBytes(layout, what);
    break;
}
console.log("ready");
