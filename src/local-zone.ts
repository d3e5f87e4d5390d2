import { TimeZones, utc } from "./dialect/time-zone.ts";

/** Where the system keeps its zones: what is behind it in a path is a zone's name. */
const behindZoneInfo = /\/zoneinfo\/(?:posix\/)?(.+)$/;

/**
 * The IANA name of the local zone: what the variable `TZ` names (a zone, a file of the system's zones, either behind a
 * colon), or the system's own zone where `TZ` is not set. UTC where that is empty or no zone, as in Go.
 *
 * `ofSystem` gives nothing when Node cannot tell, whatever its type says; `realPath` follows links and may throw.
 */
export function localZone(
  variable: string | undefined,
  ofSystem: () => string | undefined,
  realPath: (path: string) => string,
): string {
  const wanted = variable === undefined ? ofSystem() : zoneNamed(variable.replace(/^:/, ""), realPath);
  return wanted !== undefined && new TimeZones().find(wanted) !== undefined ? wanted : utc.name;
}

function zoneNamed(text: string, realPath: (path: string) => string): string | undefined {
  if (!text.startsWith("/")) return text.replace(/^posix\//, "");
  return behindZoneInfo.exec(text)?.[1] ?? behindZoneInfo.exec(followed(text, realPath))?.[1];
}

function followed(path: string, realPath: (path: string) => string): string {
  try {
    return realPath(path);
  } catch {
    return path; // there is no such file
  }
}
