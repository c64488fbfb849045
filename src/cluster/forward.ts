/** Runs `kubectl port-forward` during one callback: a port on loopback that leads to a pod. */
import { clusterIssues } from "../core/issue/cluster.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type KubectlOptions, startKubectl } from "./kubectl.ts";

const READY = /^Forwarding from 127\.0\.0\.1:(\d+)/m;

/**
 * Forwards a port and calls a function with it.
 *
 * @param target such as `service/name` or `pod/name`
 * @returns the callback's result, or why kubectl could not forward
 */
export async function withForward<T>(
  target: string,
  namespace: string,
  port: number,
  args: readonly string[],
  options: KubectlOptions,
  use: (port: number) => Promise<T>,
): Promise<Result<T>> {
  const command = ["port-forward", "--address=127.0.0.1", "-n", namespace, ...args, target, `:${port}`];
  const run = startKubectl(command, options);
  try {
    let text = "";
    for await (const chunk of run.chunks) {
      text += Buffer.from(chunk).toString("utf8");
      const local = READY.exec(text)?.[1];
      if (local !== undefined) return success(await use(Number(local)));
    }
  } finally {
    run.stop();
  }
  const ended = await run.ended;
  if (!ended.ok) return ended;
  return failure([
    clusterIssues["cluster.kubectl-failed"]({ command: `kubectl ${command.join(" ")}`, reason: "it ended" }),
  ]);
}
