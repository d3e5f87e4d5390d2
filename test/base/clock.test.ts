import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { settled } from "../support/settled.ts";

test("what is longer than timers can count is waited for as long as they can, and not passed over", async () => {
  const ended: string[] = [];
  const warnings: string[] = [];
  const warn = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", warn);
  using stack = new DisposableStack();
  stack.defer(() => void process.off("warning", warn));
  const stopping = new AbortController();
  stack.defer(() => stopping.abort());

  stack.use(systemClock.after(2 ** 31, () => ended.push("after")));
  systemClock.sleep(2 ** 31, stopping.signal).then(
    () => ended.push("sleep"),
    () => undefined,
  );
  await systemClock.sleep(20, stopping.signal);
  await settled();

  expect(ended).toEqual([]);
  expect(warnings).toEqual([]);
});
