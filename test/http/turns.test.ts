/** Turns: one at a time, in the order of arrival; waiting ends by a turn, by time, by a client that goes, or by a full queue. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createTurns } from "../../src/http/turns.ts";

const STAY = new AbortController().signal;

describe("createTurns", () => {
  test("gives turns in the order of arrival, never two at a time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 }), async (lengths) => {
        const turns = createTurns();
        const order: number[] = [];
        let now = 0;
        await Promise.all(
          lengths.map(async (ms, i) => {
            const end = await turns.take(STAY);
            expect(++now).toBe(1);
            order.push(i);
            await Bun.sleep(ms);
            now--;
            end?.();
          }),
        );
        expect(order).toEqual(lengths.map((_, i) => i));
      }),
      { numRuns: 20 },
    );
  });

  test("refuses at once when enough wait, and takes more when a place is free again", async () => {
    const turns = createTurns({ mostWaiting: 1 });
    const end = await turns.take(STAY);
    const waits = turns.take(STAY);
    expect(await turns.take(STAY)).toBeUndefined();
    end?.();
    (await waits)?.();
    expect(await turns.take(STAY)).toBeFunction();
  });

  test("gives up after the longest wait, and the one behind is not skipped", async () => {
    const turns = createTurns({ longestMs: 30 });
    const end = await turns.take(STAY);
    const late = turns.take(STAY);
    await Bun.sleep(20);
    const patient = turns.take(STAY);
    expect(await late).toBeUndefined();
    end?.();
    expect(await patient).toBeFunction();
  });

  test("forgets a client that has gone, before or while it waits", async () => {
    const turns = createTurns({ mostWaiting: 1 });
    expect(await turns.take(AbortSignal.abort())).toBeUndefined();
    const end = await turns.take(STAY);
    const gone = new AbortController();
    const waits = turns.take(gone.signal);
    gone.abort();
    expect(await waits).toBeUndefined();
    const next = turns.take(STAY);
    end?.();
    expect(await next).toBeFunction();
  });

  test("waits while admissions need the process", async () => {
    let isLoaded = true;
    const turns = createTurns({ isLoaded: () => isLoaded, longestMs: 200 });
    expect(await turns.take(STAY)).toBeUndefined();
    const waits = turns.take(STAY);
    setTimeout(() => (isLoaded = false), 50);
    expect(await waits).toBeFunction();
  });

  test("an end that is called twice frees one turn only", async () => {
    const turns = createTurns();
    const end = await turns.take(STAY);
    end?.();
    const second = await turns.take(STAY);
    end?.();
    const third = turns.take(STAY);
    expect(await Promise.race([third, Bun.sleep(30).then(() => "waiting")])).toBe("waiting");
    second?.();
    expect(await third).toBeFunction();
  });
});
