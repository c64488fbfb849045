/** Standard output on Bun, by its own call: making Node's stream takes longer than all else that starting takes. */
import { createOutput, type Output } from "./output.ts";

/** @returns standard output. */
export function createBunOutput(): Output {
  const sink = Bun.stdout.writer();
  return createOutput((text) => {
    sink.write(text);
    return sink.flush();
  });
}
