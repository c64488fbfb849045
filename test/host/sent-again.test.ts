/** Calls of a thread that has ended. */
import { expect, test } from "bun:test";
import { call, endPools, startPool } from "./pools.ts";

endPools();

test("a call whose hook had run when its thread ended still ends at its own time", async () => {
  const pool = await startPool(1_500, 1);
  const never = call(pool, "never");
  await Bun.sleep(1_000);
  expect(await call(pool, "exits")).toMatchObject({ code: "plugin.stopped" });
  const { code, ms } = await never;
  expect(code).toBe("plugin.timeout");
  expect(ms).toBeLessThan(2_300);
}, 20_000);
