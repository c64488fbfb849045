/** Calls without an answer: each waits or was sent, and is settled once. */
import { describe, expect, jest, test } from "bun:test";
import fc from "fast-check";
import type { Wire } from "../../../src/core/plugin/wire.ts";
import { late, PendingCalls, stopped } from "../../../src/host/plugin/pending.ts";

const wire: Wire = { facts: "{}", pod: "{}", below: "[]", above: "[]", files: "{}" };

/** A thread that remembers which calls it forgot. */
class FakeThread {
  readonly forgotten: number[] = [];
  readonly forget = (id: number) => void this.forgotten.push(id);
}

function create() {
  const calls = new PendingCalls<FakeThread>();
  const ended: string[] = [];
  const add = () => {
    const call = calls.add({
      hook: "requests",
      wire,
      resolve: () => {},
      reject: ({ code, message }) => ended.push(`${code}: ${message}`),
    });
    return call;
  };
  const waiting = () => [...calls.queue].map(({ id }) => id);
  return { calls, ended, add, waiting };
}

describe("PendingCalls", () => {
  test("a new call waits at the end of the queue, with an id of its own that is never 0", () => {
    const { calls, add, waiting } = create();
    expect(add()).toMatchObject({
      ...{ id: 1, hook: "requests", wire },
      ...{ thread: undefined, timer: undefined, isLate: false, timesSent: 0 },
    });
    add();
    add();
    expect(waiting()).toEqual([1, 2, 3]);
    expect(calls.ids).toEqual([1, 2, 3]);
    expect(calls.get(2)?.id).toBe(2);
    expect(calls.get(4)).toBeUndefined();
  });

  test("a call that is sent leaves the queue, and counts how often it was sent", () => {
    const { calls, add, waiting } = create();
    const thread = new FakeThread();
    const call = add();
    calls.assign(call, thread);
    expect(call).toMatchObject({ thread, timesSent: 1 });
    expect(waiting()).toEqual([]);
    expect(calls.ids).toEqual([call.id]);
    calls.putBack(call, false);
    calls.assign(call, thread);
    expect(call.timesSent).toBe(2);
  });

  test("a call that is put back waits behind the others, for any thread, and is not late any more", () => {
    const { calls, add, waiting } = create();
    const call = add();
    add();
    calls.assign(call, new FakeThread());
    call.isLate = true;
    calls.putBack(call, false);
    expect(waiting()).toEqual([2, 1]);
    expect(call).toMatchObject({ thread: undefined, isLate: false });
  });

  test.each([
    ["begins anew where the hook had not run", false, 0],
    ["continues where the hook had run", true, 1],
  ])("the time of a call that is put back %s", (_, hasRun, fired) => {
    jest.useFakeTimers();
    try {
      const { calls, add } = create();
      const call = add();
      let count = 0;
      call.timer = setTimeout(() => count++, 100);
      calls.putBack(call, hasRun);
      expect(call.timer === undefined).toBe(!hasRun);
      jest.advanceTimersByTime(100);
      expect(count).toBe(fired);
    } finally {
      jest.useRealTimers();
    }
  });

  test("a call is settled once: its timer is stopped, its thread forgets it, and it is in no list", () => {
    jest.useFakeTimers();
    try {
      const { calls, ended, add, waiting } = create();
      const thread = new FakeThread();
      const call = add();
      let count = 0;
      calls.assign(call, thread);
      call.timer = setTimeout(() => count++, 100);
      expect(calls.settle(call.id, late())).toBe(call);
      expect(calls.settle(call.id, stopped("again"))).toBeUndefined();
      jest.advanceTimersByTime(1_000);
      expect(count).toBe(0);
      expect(thread.forgotten).toEqual([call.id]);
      expect(calls.ids).toEqual([]);
      expect(waiting()).toEqual([]);
      expect(ended).toEqual(["plugin.timeout: it did not answer in time"]);
    } finally {
      jest.useRealTimers();
    }
  });

  test("a waiting call that is settled leaves the queue; without an error it is not rejected", () => {
    const { calls, ended, add, waiting } = create();
    add();
    expect(calls.settle(1)?.id).toBe(1);
    expect(waiting()).toEqual([]);
    expect(ended).toEqual([]);
    add();
    calls.settle(2, stopped("its thread ended"));
    expect(ended).toEqual(["plugin.stopped: its thread ended"]);
  });

  test("whatever happens, a call is either waiting or with one thread, until it is settled", () => {
    const step = fc.tuple(fc.constantFrom("add", "send", "back", "settle"), fc.nat(20));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { calls, add, waiting } = create();
        const thread = new FakeThread();
        const sent = new Set<number>();
        const queue: number[] = [];
        for (const [what, at] of steps) {
          const call = calls.get(at);
          if (what === "add") queue.push(add().id);
          if (what === "send" && call && !call.thread) {
            calls.assign(call, thread);
            queue.splice(queue.indexOf(at), 1);
            sent.add(at);
          }
          if (what === "back" && call?.thread) {
            calls.putBack(call, at % 2 === 0);
            sent.delete(at);
            queue.push(at);
          }
          if (what === "settle" && calls.settle(at)) {
            sent.delete(at);
            if (queue.includes(at)) queue.splice(queue.indexOf(at), 1);
          }
          expect(waiting()).toEqual(queue);
          expect(calls.ids.toSorted((a, b) => a - b)).toEqual([...queue, ...sent].toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
