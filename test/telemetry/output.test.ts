/** The log's way out: whatever becomes of its reader, nothing is thrown and nothing piles up. */
import { describe, expect, test } from "bun:test";
import { createOutput } from "../../src/telemetry/output.ts";

describe("createOutput", () => {
  test.each([
    [
      "throws",
      () => {
        throw new Error("EPIPE");
      },
    ],
    ["rejects", () => Promise.reject(new Error("ENOSPC"))],
    ["answers", () => 1],
  ])("survives a reader that %s", async (_, send) => {
    const output = createOutput(send);
    output.write("line\n");
    await output.flush();
    output.write("line\n");
    await output.flush();
  });

  test("sends texts in order, and flush waits for all of them", async () => {
    const sent: string[] = [];
    const output = createOutput(async (text) => {
      sent.push(text);
      await Bun.sleep(1);
      sent.push(`${text} written`);
    });
    output.write("a");
    output.write("b");
    await output.flush();
    expect(sent).toEqual(["a", "b", "a written", "b written"]);
  });

  test("drops what a slow reader would pile up, and goes on when it has read", async () => {
    let read = () => {};
    let sent = 0;
    const output = createOutput((text) => {
      sent += text.length;
      return new Promise<void>((resolve) => {
        read = resolve;
      });
    });
    const line = "x".repeat(3 * 1024 * 1024);
    output.write(line);
    output.write(line);
    expect(sent).toBe(line.length);
    read();
    await output.flush();
    output.write(line);
    expect(sent).toBe(2 * line.length);
  });
});
