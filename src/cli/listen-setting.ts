import { Failure } from "../base/failure.ts";
import { type ListenAddress, parseListenAddress } from "../base/listen-address.ts";
import { UsageInvalid } from "./usage.ts";

/** Where a server listens when nobody says otherwise. */
const usualAddress = ":9090";

/** Where it is said where a server listens: what stands first counts. `undefined` and `""` say nothing. */
export interface ListenSetting {
  readonly flag: string | undefined;
  readonly variable: string | undefined;
  /** Checked when the file was read. */
  readonly file: string | undefined;
}

/** The address to listen on; `undefined` when it is switched off. Throws `USAGE_INVALID`. */
export function listenAddress({ flag, variable, file }: ListenSetting): ListenAddress | undefined {
  if (flag !== undefined) return parsed("--listen", flag);
  if (variable !== undefined && variable !== "") return parsed("REGSYNC_LISTEN", variable);
  return parseListenAddress(file ?? usualAddress);
}

function parsed(where: string, text: string): ListenAddress | undefined {
  try {
    return parseListenAddress(text);
  } catch (thrown) {
    throw thrown instanceof Failure ? new UsageInvalid(`${where}: ${thrown.message}`, { cause: thrown }) : thrown;
  }
}
