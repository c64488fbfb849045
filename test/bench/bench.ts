/**
 * `npm run bench`: ratios, side by side in one run, never absolute times (DESIGN §10). Exits 1 when a bar is missed.
 *
 * `BENCH_SOAK=1` adds the memory over a million reviews, which takes some minutes; `BENCH_ONLY=ready|engine|http|soak` runs a part.
 */
import { measureEngine } from "./engine.ts";
import { measureHttp } from "./http.ts";
import { measureReadiness } from "./ready.ts";
import { isMet, type Row, renderRow } from "./row.ts";
import { measureMemory } from "./soak.ts";

const { BENCH_ONLY: only, BENCH_SOAK: soak } = process.env;
const parts: AsyncGenerator<Row>[] = [];
if (!only || only === "ready") parts.push(measureReadiness());
if (!only || only === "engine") parts.push(measureEngine());
if (!only || only === "http") parts.push(measureHttp());
if (soak === "1" || only === "soak") parts.push(measureMemory());

let missed = 0;
for (const part of parts) {
  for await (const row of part) {
    process.stdout.write(`${renderRow(row)}\n`);
    if (!isMet(row)) missed++;
  }
}
if (missed > 0) process.stdout.write(`${missed} bars missed\n`);
process.exit(missed > 0 ? 1 : 0);
