import { describe, expect, test } from "vitest";
import { localZone } from "../src/local-zone.ts";
import { startProgram } from "./support/program.ts";

/** A machine in Berlin. */
function zoneFor(variable: string | undefined): string {
  const links = new Map([["/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"]]);
  return localZone(
    variable,
    () => "Europe/Berlin",
    (path) => links.get(path) ?? expect.unreachable(`there is no ${path}`),
  );
}

describe("the local zone", () => {
  test.for([
    [undefined, "Europe/Berlin"],
    ["Asia/Tokyo", "Asia/Tokyo"],
    [":Asia/Tokyo", "Asia/Tokyo"],
    ["posix/Asia/Tokyo", "Asia/Tokyo"],
    ["EST5EDT", "EST5EDT"],
    ["/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"],
    [":/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"],
    ["/etc/localtime", "Europe/Berlin"],
    [":/etc/localtime", "Europe/Berlin"],
  ] as const)("for TZ=%s is %s", ([variable, zone]) => {
    expect(zoneFor(variable)).toBe(zone);
  });

  test.for([
    "",
    ":",
    "asia/tokyo",
    "Asia/Nowhere",
    "CET-1CEST",
    "UTC-3",
    "GMT+3",
    "BST",
    "/no/such/file",
    "Etc/Unknown",
  ])("for TZ=%s, which names none, is UTC", (variable) => {
    expect(zoneFor(variable)).toBe("UTC");
  });

  test.for([undefined, "Etc/Unknown"])("of a system that has none (%s) is UTC", (ofSystem) => {
    expect(
      localZone(
        undefined,
        () => ofSystem,
        (path) => path,
      ),
    ).toBe("UTC");
  });
});

test.for(["", "Foo/Bar", ":/etc/localtime"])(
  "TZ=%s keeps no server with a schedule and a time from starting",
  async (TZ) => {
    const config = `sync:
  - source: 'ocidir://{{ (time.Parse "2006" "2026").Local.Format "2006" }}'
    target: ocidir://target
    type: repository
    schedule: "0 3 * * *"
`;

    await using program = await startProgram(["server", "--listen", "off"], {
      config,
      env: { TZ },
      program: "src/main.ts",
    });
    await program.said(/msg="Server started"/);
    program.signal("SIGTERM");

    expect(await program.ended).toMatchObject({ exit: 0 });
  },
);
