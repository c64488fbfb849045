/** What `POST /preview` answers, checked: the page shows nothing that it has not recognised. */
import * as v from "valibot";

const Issue = v.object({
  code: v.string(),
  severity: v.picklist(["deny", "error", "warning", "info"]),
  message: v.string(),
  help: v.string(),
  path: v.optional(v.string()),
  annotation: v.optional(v.string()),
});

const Source = v.variant("kind", [
  v.object({ kind: v.literal("webhook") }),
  v.object({ kind: v.literal("secret"), annotation: v.string() }),
  v.object({ kind: v.literal("config"), path: v.string() }),
  v.object({ kind: v.literal("plugin"), name: v.string(), entry: v.number() }),
  v.object({ kind: v.literal("pod") }),
]);

const Annotation = v.object({
  key: v.string(),
  value: v.string(),
  source: Source,
  overrides: v.array(v.object({ source: Source, value: v.string() })),
});

const File = v.object({ id: v.string(), path: v.string(), for: v.array(v.string()) });

const Change = v.object({
  field: v.string(),
  from: v.union([v.string(), v.number()]),
  value: v.union([v.string(), v.number()]),
  source: Source,
});

const Request = v.object({
  annotation: v.string(),
  group: v.string(),
  group_version: v.string(),
  key: v.string(),
  mount_requirement: v.string(),
  env_var: v.string(),
  changes: v.optional(v.array(Change)),
  files: v.array(File),
});

const Variable = v.object({
  container: v.string(),
  init: v.boolean(),
  name: v.string(),
  value: v.string(),
  replaced: v.optional(v.string()),
});

const Operation = v.variant("op", [
  v.object({ op: v.literal("add"), path: v.string(), value: v.unknown() }),
  v.object({ op: v.literal("replace"), path: v.string(), value: v.unknown() }),
  v.object({ op: v.literal("remove"), path: v.string() }),
]);

/** What the injector would make of the pod, by the server's model of it. */
const Injected = v.object({
  version: v.string(),
  allowed: v.boolean(),
  message: v.optional(v.nullable(v.string())),
  patch: v.optional(v.array(Operation), []),
  agent: v.optional(v.unknown()),
});

const Result = v.object({
  kind: v.string(),
  name: v.string(),
  namespace: v.string(),
  allowed: v.boolean(),
  issues: v.array(Issue),
  requests: v.array(Request),
  annotations: v.array(Annotation),
  env: v.array(Variable),
  warnings: v.array(v.string()),
  patch: v.array(Operation),
  object: v.unknown(),
  plugins: v.array(
    v.object({ name: v.string(), entry: v.number(), ms: v.number(), changed: v.array(v.string()) }),
  ),
  injected: v.optional(v.nullable(Injected)),
});

const Answer = v.object({ version: v.literal(1), configHash: v.string(), results: v.array(Result) });

const Problem = v.object({
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string(), ""),
  code: v.string(),
  issues: v.optional(v.array(Issue), []),
});

/** An issue of the answer, with its place in the input. */
export type Issue = v.InferOutput<typeof Issue>;
/** How bad an issue is; the meaning is that of `src/core/issue/define.ts`. */
export type Severity = Issue["severity"];
/** Who set an annotation: the webhook, a request, the configuration, a plugin or the pod. */
export type Source = v.InferOutput<typeof Source>;
/** An annotation of the reviewed pod, with its source. */
export type Annotation = v.InferOutput<typeof Annotation>;
/** A secret request as the task wrote it, and its files. */
export type Request = v.InferOutput<typeof Request>;
/** An environment variable that the webhook sets in one container. */
export type Variable = v.InferOutput<typeof Variable>;
/** An operation of the JSON Patch (RFC 6902). */
export type Operation = v.InferOutput<typeof Operation>;
/** The pod after injection, according to the model of the injector. */
export type Injected = v.InferOutput<typeof Injected>;
/** The result for one pod or pod template of the input. */
export type Result = v.InferOutput<typeof Result>;
/** The answer to a preview: one result for each pod and pod template, in the order of the input. */
export type Answer = v.InferOutput<typeof Answer>;
/** A refusal of the whole input, as problem details (RFC 9457). */
export type Problem = v.InferOutput<typeof Problem>;

/** @returns the answer, or `undefined` where the text is none that this page knows */
export function parseAnswer(text: string): Answer | undefined {
  return parseAs(Answer, text);
}

/** @returns the refusal, or `undefined` where the text is none */
export function parseProblem(text: string): Problem | undefined {
  return parseAs(Problem, text);
}

function parseAs<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return parsed.success ? parsed.output : undefined;
}
