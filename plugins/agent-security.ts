/**
 * Fits the Vault Agent containers into namespaces with Pod Security "restricted".
 *
 * With a security context the injector drops all capabilities, forbids escalation and makes the root read-only; what it
 * leaves out is the seccomp profile, which this plugin adds to its containers by JSON patches. Patches of the configuration
 * or an earlier plugin are kept. What a pod says itself stays as it is: `sameUser` counts only where the first container
 * sets its own user that is not root (the injector refuses others), `shareProcessNamespace` only where the pod does
 * not say.
 *
 * @example
 * - use: agent-security
 *   with: { runAsUser: 1000, runAsGroup: 1000 }
 */
import { type AnnotationsContext, definePlugin, type PodContext } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const AGENT = "vault.hashicorp.com/agent-";
const PATCHES = [`${AGENT}init-json-patch`, `${AGENT}json-patch`];
const SECCOMP = {
  op: "add",
  path: "/securityContext/seccompProfile",
  value: { type: "RuntimeDefault" },
} as const;

/** Kubernetes' largest user and group id; 0 is root, which "restricted" forbids. */
const LARGEST_ID = 2 ** 31 - 1;
const Id = v.pipe(
  v.number("a numeric id"),
  v.integer("a whole number"),
  v.minValue(1, "1 or more: 0 is root, which Pod Security restricted forbids"),
  v.maxValue(LARGEST_ID, `${LARGEST_ID} or less`),
);

const Options = v.pipe(
  v.strictObject({
    /** User of the agent; the injector's 100 where absent. */
    runAsUser: v.optional(Id),
    /** Group of the agent; the injector's 1000 where absent. */
    runAsGroup: v.optional(Id),
    /** Runs the agent as the user of the first container, so that files with mode 0400 can be read. */
    sameUser: v.optional(v.boolean("true or false"), false),
    /** Lets the agent signal the task's processes, or keeps them apart. */
    shareProcessNamespace: v.optional(v.boolean("true or false")),
    /** `none` where the cluster's runtime has no seccomp. */
    seccomp: v.optional(v.picklist(["RuntimeDefault", "none"], "RuntimeDefault or none"), "RuntimeDefault"),
    /** `false` for platforms that set security contexts themselves, such as OpenShift. */
    securityContext: v.optional(v.boolean("true or false"), true),
  }),
  v.check(
    ({ securityContext, seccomp }) => securityContext || seccomp === "none",
    'seccomp: there is nothing to add it to without securityContext; set it to "none"',
  ),
  v.check(
    ({ securityContext, runAsUser, runAsGroup, sameUser }) =>
      securityContext || (runAsUser === undefined && runAsGroup === undefined && !sameUser),
    "runAsUser, runAsGroup and sameUser: of no effect without securityContext",
  ),
);

export default definePlugin({
  name: "agent-security",
  description: "Fits the Vault Agent containers into namespaces with Pod Security restricted",
  writes: [
    ...[
      "run-as-user",
      "run-as-group",
      "run-as-same-user",
      "share-process-namespace",
      "set-security-context",
    ].map((name) => AGENT + name),
    ...PATCHES,
  ],
  options: Options,
  setup: ({ runAsUser, runAsGroup, sameUser, shareProcessNamespace, seccomp, securityContext }) => ({
    annotations: (context) => {
      const isSame = sameUser && hasOwnUser(context);
      const shares =
        shareProcessNamespace !== undefined &&
        read(context.pod, "spec", "shareProcessNamespace") === undefined;
      return {
        [`${AGENT}set-security-context`]: String(securityContext),
        ...(isSame && { [`${AGENT}run-as-same-user`]: "true" }),
        ...(runAsUser !== undefined && !isSame && { [`${AGENT}run-as-user`]: String(runAsUser) }),
        ...(runAsGroup !== undefined && { [`${AGENT}run-as-group`]: String(runAsGroup) }),
        ...(shares && { [`${AGENT}share-process-namespace`]: String(shareProcessNamespace) }),
        ...(seccomp !== "none" && addSeccomp(context)),
      };
    },
  }),
});

/** What the injector asks for before it copies the user (vault-k8s `agent.DefaultAgent`, runAsSameID). */
function hasOwnUser({ pod }: PodContext): boolean {
  const containers = read(pod, "spec", "containers");
  const user = read(Array.isArray(containers) ? containers[0] : undefined, "securityContext", "runAsUser");
  return typeof user === "number" && user !== 0;
}

function addSeccomp({ annotations }: AnnotationsContext): Record<string, string> {
  return Object.fromEntries(
    PATCHES.map((key) => {
      const { value, source, overrides } = annotations[key] ?? {
        value: "",
        source: { kind: "webhook" },
        overrides: [],
      };
      // The pod's own patch wins anyway, and must not become the platform's.
      const below = source.kind === "pod" ? (overrides.at(-1)?.value ?? "") : value;
      return [key, JSON.stringify([...parsePatch(below), SECCOMP])];
    }),
  );
}

function parsePatch(text: string): readonly unknown[] {
  try {
    const patch: unknown = JSON.parse(text);
    return Array.isArray(patch) ? patch : [];
  } catch {
    // The webhook reports a patch that is none.
    return [];
  }
}

function read(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = new Map<string, unknown>(Object.entries(found)).get(name);
  }
  return found;
}
