import { Failure } from "../base/failure.ts";
import { quoted } from "../base/quoted.ts";

/** A text that should be a schedule is none. The message says what to write instead. */
export class CronInvalid extends Failure {
  readonly code = "CRON_INVALID";
  readonly text: string;

  constructor(text: string, fault: string, advice = "write minute hour day month weekday, such as 0 3 * * 1-5") {
    super(`${quoted(text)} is no schedule: ${fault}; ${advice}`);
    this.text = text;
  }
}
