// biome-ignore-all lint/suspicious/noConsole: the console is what is tested
/** What plugins print: labelled, cut, and limited. */
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { captureConsole, listenInProcess, speakAs } from "../../../src/host/plugin/printed.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("captureConsole", () => {
  function create() {
    const printed: string[] = [];
    const target = Object.create(console) as Console;
    const print = captureConsole(target, (text) => printed.push(text));
    return { printed, target, print };
  }

  test.each(["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const)(
    "takes %s",
    (name) => {
      const { printed, target } = create();
      target[name]("a %s", "text");
      expect(printed).toEqual(["a text"]);
    },
  );

  test("is a stream's write as well, which reports that it can take more", () => {
    const { printed, print } = create();
    expect(print("a")).toBe(true);
    expect(printed).toEqual(["a"]);
  });

  test("cuts long texts after 2,000 characters", () => {
    const { printed, print } = create();
    print("x".repeat(2_000));
    print("x".repeat(2_001));
    expect(printed.map(({ length }) => length)).toEqual([2_000, 2_000]);
  });

  test("takes 50 texts a second, and says how many it dropped", () => {
    const { printed, print } = create();
    for (let i = 1; i <= 53; i++) print(String(i));
    expect(printed).toHaveLength(50);
    jest.advanceTimersByTime(1_000);
    print("not yet");
    expect(printed).toHaveLength(50);
    jest.advanceTimersByTime(1);
    print("next");
    expect(printed.slice(50)).toEqual(["(4 more lines were dropped)", "next"]);
    jest.advanceTimersByTime(1_001);
    print("later");
    expect(printed.slice(52)).toEqual(["later"]);
  });

  test("exactly 50 texts lose none", () => {
    const { printed, print } = create();
    for (let i = 0; i < 50; i++) print("x");
    jest.advanceTimersByTime(1_001);
    print("next");
    expect(printed).toHaveLength(51);
  });

  test("a value that cannot be printed harms nobody", () => {
    const { printed, print } = create();
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
        get: () => {
          throw new Error("no");
        },
      },
    );
    print("%s", hostile);
    expect(printed).toHaveLength(1);
  });
});

describe("listenInProcess", () => {
  test("attributes a text to the plugin whose hook runs, and any other to all of them", () => {
    const real = console.log;
    const taken: [plugin: string, text: string][] = [];
    const take = (plugin: string, text: string) => taken.push([plugin, text]);
    const stops = [listenInProcess("a", take), listenInProcess("b", take), listenInProcess("a", take)];
    try {
      expect(
        speakAs("a", () => {
          speakAs("b", () => console.log("inner"));
          console.log("outer");
          return 1;
        }),
      ).toBe(1);
      console.log("outside");
      expect(() =>
        speakAs("a", () => {
          throw new Error("thrown");
        }),
      ).toThrow("thrown");
      console.log("after");
    } finally {
      for (const stop of stops.slice(1)) stop();
    }
    expect(console.log).not.toBe(real);
    stops[0]?.();
    expect(taken).toEqual([
      ["b", "inner"],
      ["a", "outer"],
      ["a, b", "outside"],
      ["a, b", "after"],
    ]);
    expect(console.log).toBe(real);
  });

  test("can begin again after the last plugin has stopped", () => {
    const taken: string[] = [];
    for (const plugin of ["a", "b"]) {
      const stop = listenInProcess(plugin, (name, text) => taken.push(`${name}: ${text}`));
      console.log("text");
      stop();
    }
    expect(taken).toEqual(["a: text", "b: text"]);
  });
});
