import { expect, test } from "bun:test";
import { limitRate } from "../../src/host/rate.ts";

test("limitRate passes on fifty a second, and then says how many it dropped", async () => {
  const taken: number[] = [];
  const dropped: number[] = [];
  const take = limitRate(
    (value: number) => taken.push(value),
    (count) => dropped.push(count),
  );
  for (let i = 0; i < 1_000; i++) take(i);
  expect(taken).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(dropped).toEqual([]);
  await Bun.sleep(1_050);
  take(1_000);
  expect(dropped).toEqual([950]);
  expect(taken.at(-1)).toBe(1_000);
});
