/** Standard output on Bun, without Node's stream, whose creation takes longer than the rest of the start. */
import { createOutput, type Output } from "./output.ts";

/** @returns standard output */
export function createBunOutput(): Output {
  const sink = Bun.stdout.writer();
  return createOutput((text) => {
    sink.write(text);
    return sink.flush();
  });
}
