/** Calls in threads: each ends at its own time, whatever the others do. */
import { describe, expect, test } from "bun:test";
import { call, endPools, events, many, startPool as start } from "./pools.ts";

endPools();

describe("a call", () => {
  test.each([1, 20, 200])(
    "of %i that never settle ends at its own time, and holds up none",
    async (count) => {
      const pool = await start(500);
      const never = many(count, () => call(pool, "never"));
      const good = await many(20, () => call(pool));
      expect(good.map(({ code }) => code)).not.toContain("plugin.timeout");
      expect(Math.max(...good.map(({ ms }) => ms))).toBeLessThan(450);
      const ended = await never;
      expect(new Set(ended.map(({ code }) => code))).toEqual(new Set(["plugin.timeout"]));
      expect(Math.min(...ended.map(({ ms }) => ms))).toBeGreaterThan(480);
      // Starting the second thread takes its time, and the first one's calls begin at once.
      expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(1_000);
      expect(await call(pool)).toMatchObject({ code: "answered" });
    },
    20_000,
  );

  test("that never settles is forgotten: later ones are served as before", async () => {
    const pool = await start(50);
    for (let i = 0; i < 10; i++) await many(20, () => call(pool, "never"));
    expect(await call(pool)).toMatchObject({ code: "answered" });
    expect(events.filter(({ kind }) => kind === "killed")).toEqual([]);
  }, 20_000);

  test("that was sent behind a loop is served by another thread", async () => {
    const pool = await start(200);
    await many(4, () => call(pool));
    const loops = many(2, () => call(pool, "loops"));
    const good = await many(30, () => call(pool));
    expect(new Set(good.map(({ code }) => code))).toEqual(new Set(["answered"]));
    expect(new Set((await loops).map(({ code }) => code))).toEqual(new Set(["plugin.timeout"]));
  }, 20_000);

  test("of a burst that one thread works off is not late for having waited its turn", async () => {
    const pool = await start(150, 1);
    const ended = await many(40, () => call(pool, "works-10ms"));
    expect(new Set(ended.map(({ code }) => code))).toEqual(new Set(["answered"]));
    expect(Math.max(...ended.map(({ ms }) => ms))).toBeGreaterThan(300);
  }, 20_000);

  test("that waits when its pool is closed is refused, and so is a later one, which starts no thread", async () => {
    const pool = await start(5_000, 1);
    const waiting = many(3, () => call(pool, "never"));
    pool.close();
    expect(new Set((await waiting).map(({ code }) => code))).toEqual(new Set(["plugin.stopped"]));
    const before = events.length;
    const late = await call(pool);
    expect(late.code).toBe("plugin.stopped");
    expect(late.ms).toBeLessThan(50);
    expect(events).toHaveLength(before);
  });

  test("of a plugin whose thread ends by itself is refused during the pause, and served after it", async () => {
    const pool = await start(1_000, 1, "ends-later.ts");
    const seen = events.length;
    while (!events.slice(seen).some(({ kind }) => kind === "ended")) await Bun.sleep(1);
    expect(await call(pool)).toMatchObject({ code: "plugin.stopped" });
    const codes = new Set<string>();
    for (let i = 0; i < 400 && !codes.has("answered"); i++) {
      codes.add((await call(pool)).code);
      await Bun.sleep(10);
    }
    expect(codes).toContain("answered");
  }, 20_000);
});
