/**
 * Load by wrk (https://github.com/wg/wrk), where it is installed: written in C, it keeps a server busy all the time, which
 * the clients of load.ts cannot. A server that waits for its client does less in one go, so its CPU time for a request
 * is higher, above all the yardstick's: figures of the two are not to be compared with each other.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measured } from "./load.ts";
import type { Target } from "./target.ts";

const CONNECTIONS = 16;

const SCRIPT = `
local bodies = {}
for line in io.lines(os.getenv("BENCH_BODIES")) do bodies[#bodies + 1] = line end
local at = tonumber(os.getenv("BENCH_FROM"))
local headers = { ["content-type"] = "application/json" }
request = function()
  at = at + 1
  return wrk.format("POST", "/mutate?timeout=10s", headers, bodies[at % #bodies + 1])
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"micros":%d,"p99":%d,"failed":%d}\\n', summary.requests, summary.duration,
    latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
`;

/** Loads a server for some seconds with the bodies of {@link prepareWrk}. */
export type WrkLoad = (target: Target, seconds: number) => Promise<Measured>;

/**
 * Writes what wrk sends.
 *
 * @param bodies sent in turn, the next run going on where the one before ended
 * @returns absent where wrk is not installed
 */
export function prepareWrk(bodies: readonly string[]): WrkLoad | undefined {
  const wrk = Bun.which("wrk");
  if (wrk === null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "wrk-"));
  const [script, file] = [join(folder, "script.lua"), join(folder, "bodies")];
  writeFileSync(script, SCRIPT);
  writeFileSync(file, `${bodies.join("\n")}\n`);
  const next = new Map<Target, number>();
  return async (target, seconds) => {
    const before = target.cpuMicros();
    const from = next.get(target) ?? 0;
    const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-s", script];
    const child = Bun.spawn([wrk, ...args, `https://127.0.0.1:${target.port}`], {
      ...{ stdout: "pipe", stderr: "inherit" },
      env: { ...process.env, BENCH_BODIES: file, BENCH_FROM: `${from}` },
    });
    const said = (await new Response(child.stdout).text()).trim().split("\n").at(-1) ?? "";
    const { requests, micros, p99, failed } = JSON.parse(said);
    if (failed > 0) throw new Error(`${target.name}: ${failed} of ${requests} requests failed`);
    next.set(target, from + requests);
    return {
      requestsPerSecond: requests / (micros / 1e6),
      p99Ms: p99 / 1_000,
      cpuMicros: (target.cpuMicros() - before) / requests,
    };
  };
}
