/** A pod that every new engine reviews before it may serve: what fails on it would fail on all. */
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import { encodeRequests } from "../core/secret/codec.ts";
import { webPorts } from "./ports.ts";

/** How long the review may take, in milliseconds: what the API server would wait at most. */
const LIMIT_MS = 10_000;

/**
 * Has an engine review a plain Flyte pod.
 *
 * @returns why the engine must not serve: a defect, or plugins that fail; a pod that policy refuses is no failure
 */
export async function selfTest(engine: Engine): Promise<readonly Issue[]> {
  const { signal, cancel } = webPorts.createDeadline(LIMIT_MS, undefined);
  try {
    const { status, issues } = await engine.review(REQUEST, { signal });
    if (status === undefined || status.code < 500) return [];
    return issues
      .filter(({ severity }) => severity === "deny")
      .map(({ message, help }) => pluginIssues["engine.self-test"]({ reason: message, help }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [pluginIssues["engine.self-test"]({ reason, help: "Report it: this is a defect of the webhook" })];
  } finally {
    cancel();
  }
}

const SECRET = {
  group: "secret/data/self-test",
  key: "key",
  group_version: "kv2",
  mount_requirement: 0,
  env_var: "",
};

const REQUEST = {
  uid: "self-test",
  operation: "CREATE",
  namespace: "flytesnacks-development",
  dryRun: true,
  object: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "self-test",
      namespace: "flytesnacks-development",
      labels: { "inject-flyte-secrets": "true", project: "flytesnacks", domain: "development" },
      annotations: encodeRequests([SECRET], webPorts.encodeUtf8),
    },
    spec: { containers: [{ name: "main", image: "self-test" }] },
  },
};
