/** Runs a plugin on the pods of its test cases, through the real pipeline, and records what it does. */

import type { Engine } from "../../core/engine.ts";
import { isObject } from "../../core/json.ts";
import type { Outcome } from "../../core/outcome.ts";
import { applyPatch } from "../../core/patch/apply.ts";
import { readAnnotations, readIssues, readRequests } from "../../core/plugin/answer.ts";
import type { PodContext } from "../../core/plugin/context.ts";
import { HOOKS, type Hook } from "../../core/plugin/instance.ts";
import { success } from "../../core/result.ts";
import { encodeRequests } from "../../core/secret/codec.ts";
import type { SecretRequest } from "../../core/secret/request.ts";
import type { PluginEntrySettings, Settings } from "../../core/settings.ts";
import { createEngine } from "../engine.ts";
import { createInProcess } from "../plugin/in-process.ts";
import { describeError, type Hooks, type Refusal, setUpPlugin } from "../plugin/setup.ts";
import { webPorts } from "../ports.ts";
import type { InvalidCase, ValidCase } from "./case.ts";

const NAMESPACE = "flytesnacks-development";
const DEFAULT_SECRET = { group: "secret/data/team", key: "api_key", group_version: "kv2" };

/** What a plugin did during one review. */
interface Seen {
  readonly requests: Record<string, SecretRequest | null>;
  readonly annotations: Record<string, string | null>;
  readonly issues: string[];
  readonly problems: string[];
}

/**
 * Runs a plugin on the pod of one case.
 *
 * @param module a module whose default export is the plugin
 * @returns every difference from what the case expects
 */
export async function runValid(module: unknown, given: ValidCase): Promise<string[]> {
  const set = await setUpPlugin(module, given.with ?? {});
  if (set.refusals) return set.refusals.map(describeRefusal);
  const { definition, hooks } = set;
  const seen: Seen = { requests: {}, annotations: {}, issues: [], problems: [] };
  const instance = createInProcess(definition, watch(hooks, seen));
  const engine = await createEngine(toSettings(given), { resolvePlugin: async () => success(instance) });
  if (!engine.ok) return engine.issues.map(({ message }) => message);
  const pod = toPod(given);
  const first = await reviewPod(engine.value, pod, given);
  const found = structuredClone(seen);
  const again = await reviewPod(engine.value, pod, given);
  const problems = [...found.problems, ...compare(given.expect, found, first)];
  if (toText(again.patch) !== toText(first.patch)) problems.push("a second review of the same pod differs");
  if (first.allowed && problems.length === 0) {
    const patched = applyPatch(pod, first.patch === "" ? [] : JSON.parse(first.patch));
    const { allowed, patch, status } = await reviewPod(engine.value, patched, given);
    if (!allowed) problems.push(`a pod that was patched is refused: ${status?.message}`);
    if (patch !== "") problems.push(`a pod that was patched is patched again: ${patch}`);
  }
  return problems;
}

/** @returns the difference from what the case expects; absent if there is none */
export async function runInvalid(module: unknown, given: InvalidCase): Promise<string | undefined> {
  const set = await setUpPlugin(module, given.with);
  if (!set.refusals) return "its options were taken, expected a refusal";
  const text = set.refusals.map(describeRefusal).join("; ");
  return matches(text, given.message) ? undefined : `it was refused with ${JSON.stringify(text)}`;
}

function describeRefusal({ code, path, reason }: Refusal): string {
  return `${code}: ${path === undefined ? "" : `${path}: `}${reason}`;
}

/** The same hooks, with frozen contexts and a record of their answers. */
function watch(hooks: Hooks, seen: Seen): Hooks {
  const call = async (name: Hook, context: PodContext): Promise<unknown> => {
    const { signal, ...data } = context;
    const frozen = { ...deepFreeze(structuredClone(data)), signal };
    const answer: unknown = await hooks[name]?.(frozen as never);
    if (answer !== undefined && toText(answer) !== toText(JSON.parse(toText(answer)))) {
      seen.problems.push(`what ${name} answers is no JSON`);
    }
    record(name, answer, context, seen);
    return answer;
  };
  return Object.fromEntries(
    HOOKS.filter((name) => hooks[name]).map((name) => [name, (context: PodContext) => call(name, context)]),
  );
}

function record(name: Hook, answer: unknown, { requests }: PodContext, seen: Seen): void {
  try {
    if (name === "requests") Object.assign(seen.requests, Object.fromEntries(readRequests(answer, requests)));
    if (name === "annotations")
      Object.assign(
        seen.annotations,
        readAnnotations(answer, () => undefined),
      );
    if (name === "review")
      seen.issues.push(...readIssues(answer, "").map(({ code }) => code.replace(/^.*\//, "")));
  } catch (error) {
    seen.problems.push(describeError(error));
  }
}

function compare(expect: ValidCase["expect"], seen: Seen, { allowed, status }: Outcome): string[] {
  const problems: string[] = [];
  const check = (what: string, found: unknown, expected: unknown) => {
    const [is, should] = [toText(found), toText(expected)];
    if (is !== should) problems.push(`its ${what} are ${is}, expected ${should}`);
  };
  check("annotations", seen.annotations, expect.annotations ?? {});
  const fields = Object.entries(seen.requests).map(([key, request]) => [
    key,
    pick(request, expect.requests?.[key]),
  ]);
  check("requests", Object.fromEntries(fields), expect.requests ?? {});
  check("issues", seen.issues.toSorted(), [...(expect.issues ?? [])].toSorted());
  if (allowed && expect.denied !== undefined) problems.push("the pod is allowed, expected a refusal");
  if (!allowed && (expect.denied === undefined || !matches(status?.message ?? "", expect.denied))) {
    problems.push(`the pod is refused: ${status?.message}`);
  }
  return problems;
}

/** @returns only the fields that a case names */
function pick(request: SecretRequest | null, expected: Partial<SecretRequest> | null | undefined): unknown {
  if (!request || !expected) return request;
  return Object.fromEntries(Object.entries(request).filter(([name]) => name in expected));
}

function toSettings(given: ValidCase): Settings {
  const entry: PluginEntrySettings = {
    use: "plugin under test",
    with: given.with ?? {},
    when: {},
    allow: ["*"],
    onError: "deny",
    timeout: 5_000,
  };
  return {
    webhook: { vaultSecretManager: { role: "flyte", kvVersion: 2, annotations: given.config ?? {} } },
    policy: {
      profile: "flyte",
      ids: "stable",
      fileNames: "flyte",
      envVars: "refuse",
      locked: [],
      denied: [],
      strict: false,
    },
    plugins: [entry],
    audit: { paths: "full" },
  };
}

function toPod(given: ValidCase) {
  const { secrets = [DEFAULT_SECRET], project, domain, labels = {}, serviceAccount, spec = {} } = given;
  const empty = { group: "", group_version: "", key: "", env_var: "", mount_requirement: 0 };
  const requests = secrets.map((secret) => ({ ...empty, ...secret }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "task",
      labels: {
        "inject-flyte-secrets": "true",
        ...(project && { project }),
        ...(domain && { domain }),
        ...labels,
      },
      annotations: { ...encodeRequests(requests, webPorts.encodeUtf8), ...given.annotations },
    },
    spec: {
      containers: [{ name: "main", image: "task" }],
      ...(serviceAccount && { serviceAccountName: serviceAccount }),
      ...spec,
    },
  };
}

function reviewPod(
  engine: Engine,
  object: unknown,
  { namespace = NAMESPACE }: ValidCase,
): Outcome | Promise<Outcome> {
  return engine.review({ uid: "test", operation: "CREATE", namespace, dryRun: false, object });
}

function matches(text: string, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true;
  return typeof expected === "string" ? text.includes(expected) : expected.test(text);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(Object.freeze(value) as object)) deepFreeze(inner);
  return value;
}

/** JSON with sorted keys. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
