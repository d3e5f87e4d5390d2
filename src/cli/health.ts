import type { ListenAddress } from "../base/listen-address.ts";
import { escapeUnprintable } from "../observe/printable.ts";
import { exitCode } from "./exit-code.ts";
import type { HealthFlags } from "./invocation.ts";
import { listenAddress } from "./listen-setting.ts";
import { probe } from "./probe.ts";
import type { Session } from "./session.ts";
import { UsageInvalid } from "./usage.ts";

/** Characters of an answer that are shown. */
const shownLength = 300;

/**
 * `health`: asks the server of this machine whether it is alive, or ready for work, and prints its answer as one line.
 * Gives the exit status: 0 only for yes.
 *
 * For where no other tool is at hand: the HEALTHCHECK of an image without a shell. Throws `USAGE_INVALID`, `INTERRUPTED`.
 */
export async function health({ listen, ready }: HealthFlags, { world }: Session): Promise<number> {
  const { env, clock, stdout, signal } = world;
  const address = addressFrom(listen, env["REGSYNC_LISTEN"]);
  const result = await probe(address, ready ? "/readyz" : "/livez", clock, signal);
  if (result.kind === "silence") {
    stdout.write(`${result.url} gave no answer: ${escapeUnprintable(result.why)}\n`);
    return exitCode.failed;
  }
  stdout.write(`${result.url} answered ${result.status}: ${inOneLine(result.text)}\n`);
  return result.status === 200 ? exitCode.fine : exitCode.failed;
}

/** Where to ask: where the server listens by the same flag and variable. */
function addressFrom(flag: string | undefined, variable: string | undefined): ListenAddress {
  const address = listenAddress({ flag, variable, file: undefined });
  const name = flag === undefined ? "REGSYNC_LISTEN" : "--listen";
  if (address === undefined) throw new UsageInvalid(`${name} is off: a server that does not listen cannot be asked`);
  if (address.port === 0) throw new UsageInvalid(`${name} names port 0, which may be any: name the one it became`);
  return address;
}

function inOneLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, "; ");
  return escapeUnprintable(line.length > shownLength ? `${line.slice(0, shownLength)}…` : line);
}
