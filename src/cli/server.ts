import { UsageInvalid } from "./usage.ts";

/** `server`: refused, in words that say what to do meanwhile. Throws `USAGE_INVALID`. */
export function server(): never {
  throw new UsageInvalid(
    'this version has no server yet: run "regsync once" from cron, a systemd timer or a Kubernetes CronJob',
  );
}
