/** Runs `kubectl port-forward` during one callback: a port on loopback that leads to a pod. */
import { clusterIssues } from "../core/issue/cluster.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type KubectlOptions, startKubectl } from "./kubectl.ts";

/** kubectl's line when the port is open (kubectl `client-go/tools/portforward`). */
const READY = /^Forwarding from 127\.0\.0\.1:(\d+)/m;
/** kubectl's own limit for finding a pod that runs is a minute. */
const POD_TIMEOUT = "--pod-running-timeout=5s";
/** A kubectl that asks for a login, or waits for a proxy, would otherwise never end. */
const PATIENCE_MS = 20_000;

/**
 * Forwards a port and calls a function with it.
 *
 * @param target such as `service/name` or `pod/name`
 * @param patience milliseconds until kubectl has to have opened the port
 * @returns the callback's result, or why kubectl could not forward
 */
export async function withForward<T>(
  target: string,
  namespace: string,
  port: number,
  args: readonly string[],
  options: KubectlOptions,
  use: (port: number) => Promise<T>,
  patience: number = PATIENCE_MS,
): Promise<Result<T>> {
  const where = ["-n", namespace, ...args, target, `:${port}`];
  const command = ["port-forward", "--address=127.0.0.1", POD_TIMEOUT, ...where];
  const run = startKubectl(command, options);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    run.stop();
  }, patience);
  try {
    let text = "";
    for await (const chunk of run.chunks) {
      text += Buffer.from(chunk).toString("utf8");
      const local = READY.exec(text)?.[1];
      if (local === undefined) continue;
      clearTimeout(timer);
      return success(await use(Number(local)));
    }
  } finally {
    clearTimeout(timer);
    run.stop();
  }
  const ended = await run.ended;
  if (!ended.ok && !isLate) return ended;
  const reason = isLate
    ? `it opened no port within ${patience / 1_000} s`
    : "it ended without opening a port";
  return failure([
    clusterIssues["cluster.kubectl-failed"]({ command: `kubectl ${command.join(" ")}`, reason }),
  ]);
}
