/**
 * Gives the Vault Agent containers resources of their own, in the form of Kubernetes' `resources`.
 *
 * Namespaces with quotas need them, and clusters with many short tasks save by them: by default every agent asks for
 * 250m CPU and 64Mi, with limits of 500m and 128Mi. An empty text means none. A request above its limit is refused by
 * the API server, pod by pod; here it is refused at load, also where one of the two is the injector's default.
 *
 * @example
 * - use: agent-resources
 *   with:
 *     requests: { cpu: 25m, memory: 32Mi }
 *     limits: { cpu: 100m, memory: 64Mi }
 */
import { checkAnnotation, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const AGENT = "vault.hashicorp.com/agent-";

/** Kubernetes' name, the injector's, and the injector's defaults (vault-k8s `agent-inject/agent/agent.go`). */
const RESOURCES = [
  { name: "cpu", key: "cpu", request: "250m", limit: "500m" },
  { name: "memory", key: "mem", request: "64Mi", limit: "128Mi" },
  { name: "ephemeral-storage", key: "ephemeral", request: "", limit: "" },
] as const;

/** A quantity that the API server takes. YAML reads `cpu: 1` as a number. */
const Quantity = v.pipe(
  v.union([v.string(), v.number()], "a Kubernetes quantity such as 250m or 64Mi"),
  v.transform(String),
  v.check(
    (text) => checkAnnotation(`${AGENT}limits-cpu`, text).length === 0,
    ({ input }) => `${JSON.stringify(input)} is no Kubernetes quantity such as 250m or 64Mi`,
  ),
);

const List = v.strictObject({
  /** Cores, such as 25m or 0.1. */
  cpu: v.optional(Quantity),
  /** Bytes, such as 32Mi. */
  memory: v.optional(Quantity),
  /** Bytes of disk, such as 16Mi. */
  "ephemeral-storage": v.optional(Quantity),
});

const Options = v.pipe(
  v.strictObject({
    /** What every agent container asks for. */
    requests: v.optional(List, {}),
    /** What it may use at most; an empty text means no limit. */
    limits: v.optional(List, {}),
  }),
  v.check(
    ({ requests, limits }) => Object.keys({ ...requests, ...limits }).length > 0,
    "requests or limits: at least one",
  ),
  v.check(
    (resources) => findContradiction(resources) === undefined,
    ({ input }) => findContradiction(input) ?? "",
  ),
);

type Resources = Readonly<Record<"requests" | "limits", v.InferOutput<typeof List>>>;

export default definePlugin({
  name: "agent-resources",
  description: "Gives the Vault Agent containers their own CPU, memory and ephemeral storage",
  writes: [`${AGENT}requests-*`, `${AGENT}limits-*`],
  options: Options,
  setup: (resources) => {
    const annotations = renderResources(resources);
    return { annotations: () => annotations };
  },
});

function renderResources(resources: Resources): Record<string, string> {
  const annotations: Record<string, string> = {};
  for (const kind of ["requests", "limits"] as const) {
    for (const { name, key } of RESOURCES) {
      const quantity = resources[kind][name];
      if (quantity !== undefined) annotations[`${AGENT}${kind}-${key}`] = quantity;
    }
  }
  return annotations;
}

/** What the API server would refuse: a request above its limit. */
function findContradiction({ requests, limits }: Resources): string | undefined {
  for (const { name, ...injector } of RESOURCES) {
    const request = requests[name];
    const limit = limits[name];
    if (request === undefined && limit === undefined) continue;
    if (!(toNumber(request ?? injector.request) > toNumber(limit ?? injector.limit))) continue;
    if (request === undefined)
      return `limits.${name} ${limit} is below the request that the injector sets by default, ${injector.request}: set requests.${name} as well`;
    if (limit === undefined)
      return `requests.${name} ${request} is above the limit that the injector sets by default, ${injector.limit}: set limits.${name} as well`;
    return `requests.${name} ${request} is above limits.${name} ${limit}`;
  }
  return undefined;
}

const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ...["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].map((suffix, i) => [suffix, 1000 ** (i - 3)] as const),
  ...["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((suffix, i) => [suffix, 1024 ** (i + 1)] as const),
]);

/** A quantity as a number; no quantity is above no other, nor below. */
function toNumber(quantity: string): number {
  const [, digits = "", exponent, suffix = ""] =
    /^(.*?[0-9.])(?:([eE][+-]?\d+)|([a-zA-Z]*))$/.exec(quantity) ?? [];
  return exponent === undefined
    ? Number(digits || Number.NaN) * (SUFFIXES.get(suffix) ?? 1)
    : Number(digits + exponent);
}
