/**
 * A pilot: this webhook serves some namespaces or projects, and Flyte's all others. Both registrations are made from one
 * list, so exactly one of them selects each pod.
 */
import { INJECT_LABEL } from "../core/secret/request.ts";

/** The namespaces or projects that this webhook serves. */
export interface Pilot {
  readonly by: "namespaces" | "project";
  /** Names, at least one, each once. */
  readonly names: readonly string[];
}

/** Conditions of one registration. */
export interface PilotSelectors {
  /** Additional conditions on the namespace's labels. */
  readonly namespace: readonly Condition[];
  /** Additional conditions on the pod's labels. */
  readonly object: readonly Condition[];
}

/** A condition on labels (Kubernetes API, `LabelSelectorRequirement`). */
interface Condition {
  readonly key: string;
  readonly operator: "In" | "NotIn";
  readonly values: readonly string[];
}

/** Namespaces that this webhook never serves; in a pilot, neither webhook would serve their pods. */
const EXCLUDED = ["kube-system", "kube-public", "kube-node-lease"];

/** Label that Kubernetes sets on every namespace to its name (Kubernetes, "Automatic labelling"). */
const NAMESPACE_LABEL = "kubernetes.io/metadata.name";
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** A label's value (Kubernetes, "Labels and Selectors"). */
const VALUE = /^[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;

const NAMES_OF = { namespaces: "names of namespaces", project: "values of the label project" } as const;

/**
 * Parses `namespaces=a,b` or `project=a,b`.
 *
 * @param own namespace that this webhook runs in, which it never serves
 * @returns the pilot, or a description of what was expected
 */
export function parsePilot(text: string, own: string): Pilot | string {
  const [, by, list = ""] = /^(namespaces|project)=(.+)$/.exec(text) ?? [];
  if (by !== "namespaces" && by !== "project") return "namespaces=NAME,… or project=NAME,…";
  const names = [...new Set(list.split(","))];
  const wrong = names.find((name) => !(by === "namespaces" ? NAME : VALUE).test(name));
  if (wrong !== undefined) return `${NAMES_OF[by]}, separated by commas without blanks`;
  const excluded =
    by === "namespaces" ? names.find((name) => EXCLUDED.includes(name) || name === own) : undefined;
  return excluded === undefined
    ? { by, names }
    : `namespaces other than ${excluded}, which this webhook never serves`;
}

/** @returns the complementary selectors of both registrations; an absent label matches Flyte's (`NotIn`) */
export function toSelectors({ by, names }: Pilot): {
  readonly ours: PilotSelectors;
  readonly flyte: PilotSelectors;
} {
  const of = (operator: Condition["operator"]): PilotSelectors => {
    const key = by === "namespaces" ? NAMESPACE_LABEL : "project";
    const conditions = [{ key, operator, values: names }];
    return by === "namespaces"
      ? { namespace: conditions, object: [] }
      : { namespace: [], object: conditions };
  };
  return { ours: of("In"), flyte: of("NotIn") };
}

/** The Service of Flyte's webhook. */
export interface FlyteService {
  readonly namespace: string;
  /** Name of the Service, which is also that of the registration. */
  readonly name: string;
}

/**
 * Returns Flyte's registration without the pods of the pilot. It has no `caBundle`: server-side apply changes only the fields
 * that it is given, so the existing registration keeps its CA.
 */
export function toFlyteRegistration(pilot: Pilot, { namespace, name }: FlyteService): object {
  const { flyte } = toSelectors(pilot);
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        // What Flyte registers at run time (flytepropeller `pkg/webhook/pod.go`).
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: { service: { name, namespace, path: "/mutate--v1-pod" } },
        admissionReviewVersions: ["v1", "v1beta1"],
        failurePolicy: "Fail",
        sideEffects: "NoneOnDryRun",
        rules: [{ apiGroups: ["*"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        ...(flyte.namespace.length > 0 && { namespaceSelector: { matchExpressions: flyte.namespace } }),
        objectSelector: {
          matchLabels: { [INJECT_LABEL]: "true" },
          ...(flyte.object.length > 0 && { matchExpressions: flyte.object }),
        },
      },
    ],
  };
}
