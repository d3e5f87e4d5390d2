import { afterAll, describe } from "vitest";
import { laneVariable } from "../../../support/registry-client.ts";

// Whatever is expected of transfers is expected of both ways they can take: the same tests once more, every body on the
// lane.
process.env[laneVariable] = "1";
afterAll(() => {
  delete process.env[laneVariable];
});

describe("blobs over the lane", async () => {
  await import("../../blobs.test.ts");
});
describe("uploads over the lane", async () => {
  await import("../../uploads.test.ts");
  await import("../../resumed-uploads.test.ts");
});
describe("mirrors over the lane", async () => {
  await import("../../mirrors.test.ts");
});
describe("connections with a lane", async () => {
  await import("../transport.test.ts");
  await import("../tls.test.ts");
  await import("../proxy.test.ts");
});
describe("images over the lane", async () => {
  await import("../../../copy/copy-image.test.ts");
});
