/** Plans the switch of one cluster from Flyte's webhook: commands in order, each with its undo. */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Pilot } from "./pilot.ts";

/** The chart by which Flyte was installed; each one switches its webhook off in another way. */
export type Flavor = "core" | "binary-v1" | "binary-v2";

/** The cluster that the plan is for. */
export interface PlanFacts {
  /** Namespace of Flyte's webhook. */
  readonly namespace: string;
  /** Name of its registration, which is also that of its Service. */
  readonly registration: string;
  readonly flavor: Flavor;
  /** Pilots, each wider than the one before; without any, all pods are switched at once. */
  readonly pilots: readonly Pilot[];
}

/** One step. */
export interface PlanStep {
  readonly title: string;
  /** Shell commands; lines that begin with `#` describe manual steps. */
  readonly commands: readonly string[];
  /** Commands that undo the step; absent if it changes nothing. */
  readonly undo?: readonly string[];
}

const PROGRAM = "flyte-vault-webhook";
const APPLY = "kubectl apply --server-side --force-conflicts -f -";
const REGISTRATION = "mutatingwebhookconfiguration";
const OBSERVER = "v-flyte-vault-webhook-observe";
const OURS = "00-flyte-vault-webhook";

/** Values that keep Flyte from writing its registration at every start (Flyte 1.16.8 and 2.0.28 and newer). */
const KEEP: Readonly<Record<Flavor, string>> = {
  core: "configmap.core.webhook.disableCreateMutatingWebhookConfig=true",
  "binary-v1": "configuration.inline.webhook.disableCreateMutatingWebhookConfig=true",
  "binary-v2": "configuration.inline.webhook.disableCreateMutatingWebhookConfig=true",
};

const SWITCH_OFF =
  "Weeks later: switch Flyte's webhook off, and delete its registration, which no chart owns";

/** Values of the last step. flyte-binary v2 cannot switch its webhook off, but stop what serves it alone (2.0.32 and newer). */
const END: Readonly<Record<Flavor, { readonly title: string; readonly off: string; readonly on: string }>> = {
  core: { title: SWITCH_OFF, off: "webhook.enabled=false", on: "webhook.enabled=true" },
  "binary-v1": {
    title: SWITCH_OFF,
    off: "flyte-core-components.propeller.disableWebhook=true",
    on: "flyte-core-components.propeller.disableWebhook=false",
  },
  "binary-v2": {
    title:
      "Weeks later: delete Flyte's registration. flyte-binary v2 cannot switch its webhook off, which is not called any more",
    off: "configuration.inline.webhook.cacheInvalidationPort=0",
    on: "configuration.inline.webhook.cacheInvalidationPort=9444",
  },
};

/** Selects no namespace: every namespace has this label. */
const NOBODY = '{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"DoesNotExist"}]}';

/** @returns the steps in order */
export function createPlan(facts: PlanFacts): readonly PlanStep[] {
  return [...toPreparation(facts), ...toPilots(facts), ...toSwitch(facts)];
}

function toPreparation({ namespace, registration, flavor }: PlanFacts): readonly PlanStep[] {
  return [
    {
      title: "Write this webhook's configuration from Flyte's",
      commands: [
        `kubectl -n ${namespace} get configmap -o yaml | ${PROGRAM} migrate config -f - > webhook.yaml`,
      ],
    },
    {
      title: "Compare what every stored pod got with what it would get",
      commands: [`${PROGRAM} migrate report --config webhook.yaml --flyte-config webhook.yaml`],
    },
    {
      title: "Keep Flyte from rewriting its registration at every start",
      commands: [`helm -n ${namespace} upgrade RELEASE CHART --reuse-values --set ${KEEP[flavor]}`],
      undo: [
        `helm -n ${namespace} upgrade RELEASE CHART --reuse-values --set ${KEEP[flavor].replace(/true$/, "false")}`,
      ],
    },
    {
      title: "Check the cluster before any pod is affected",
      commands: [`kubectl get ${REGISTRATION} ${registration}`, `${PROGRAM} doctor --before-switch`],
    },
    {
      title:
        "Observe for a day: every pod is allowed as it is and compared; see the metric flyte_vault_webhook_observed_pods_total",
      commands: [
        "printf 'policy: { mode: observe }\\n' > observe.yaml",
        `${PROGRAM} manifests --config webhook.yaml --config observe.yaml --with observe | ${APPLY}`,
      ],
      undo: [`kubectl delete ${REGISTRATION} ${OBSERVER}`],
    },
  ];
}

function toPilots({ namespace, registration, pilots }: PlanFacts): readonly PlanStep[] {
  const manifests = ({ by, names }: Pilot) =>
    `${PROGRAM} manifests --config webhook.yaml --flyte ${namespace}/${registration} --pilot ${by}=${names.join(",")}`;
  return pilots.map((pilot, at): PlanStep => {
    const before = pilots[at - 1];
    const list = pilot.names.join(", ");
    return {
      title: `Serve the ${pilot.by === "project" ? "projects" : "namespaces"} ${list}; Flyte's webhook serves all others`,
      commands: [
        ...(at === 0 ? END_OBSERVING : []),
        `${manifests(pilot)} | ${APPLY}`,
        `${PROGRAM} doctor --wait 2m`,
      ],
      undo: before
        ? [`${manifests(before)} --narrow | ${APPLY}`]
        : [...toFlytes(registration), `kubectl delete ${REGISTRATION} ${OURS}`],
    };
  });
}

/**
 * A change of policy.mode needs a restart, which must be complete before the API server sends pods: replicas that still observe
 * would not serve them. So everything but the registration is applied first.
 */
const END_OBSERVING = [
  `kubectl delete ${REGISTRATION} ${OBSERVER} --ignore-not-found`,
  `${PROGRAM} manifests --config webhook.yaml | ${APPLY.replace(" -f -", " -l 'app.kubernetes.io/component!=registration' -f -")}`,
  "kubectl -n flyte-vault-webhook rollout restart deployment flyte-vault-webhook",
  "kubectl -n flyte-vault-webhook rollout status deployment flyte-vault-webhook",
];

function toSwitch(facts: PlanFacts): readonly PlanStep[] {
  const { registration, pilots } = facts;
  return [
    {
      title: "Serve everybody; Flyte's registration stays, and selects nobody",
      commands: [
        ...(pilots.length === 0 ? END_OBSERVING : []),
        `${PROGRAM} manifests --config webhook.yaml | ${APPLY}`,
        `kubectl patch ${REGISTRATION} ${registration} --type=json -p '[{"op":"add","path":"/webhooks/0/namespaceSelector","value":${NOBODY}}]'`,
        `${PROGRAM} doctor --wait 2m`,
      ],
      undo: [...toFlytes(registration), `kubectl delete ${REGISTRATION} ${OURS}`],
    },
    toEnd(facts),
  ];
}

/** The way back waits for Flyte's registration before it deletes ours, so that no pod is created while there is none. */
function toEnd({ namespace, registration, flavor }: PlanFacts): PlanStep {
  const { title, off, on } = END[flavor];
  const upgrade = `helm -n ${namespace} upgrade RELEASE CHART --reuse-values`;
  return {
    title,
    commands: [`${upgrade} --set ${off}`, `kubectl delete ${REGISTRATION} ${registration}`],
    undo: [
      `${upgrade} --set ${on} --set ${KEEP[flavor].replace(/true$/, "false")}`,
      `kubectl wait --for=create ${REGISTRATION}/${registration} --timeout=5m`,
      `kubectl delete ${REGISTRATION} ${OURS}`,
    ],
  };
}

/** @returns commands that restore the selectors of Flyte's registration, so that it serves all pods again */
function toFlytes(registration: string): readonly string[] {
  const value = '{"matchLabels":{"inject-flyte-secrets":"true"}}';
  return [
    `kubectl patch ${REGISTRATION} ${registration} --type=json -p '[{"op":"add","path":"/webhooks/0/namespaceSelector","value":{}},{"op":"add","path":"/webhooks/0/objectSelector","value":${value}}]'`,
  ];
}

/** @returns the plan as text: numbered steps, each with its undo */
export function renderPlan(steps: readonly PlanStep[]): string {
  return steps
    .map(({ title, commands, undo }, at) => {
      const lines = [`${at + 1}. ${title}`, ...commands.map((line) => `     ${line}`)];
      return [
        ...lines,
        ...(undo ? ["   undo:", ...undo.map((line) => `     ${line}`)] : ["   undo: nothing to undo"]),
      ].join("\n");
    })
    .join("\n\n");
}

/** @returns the chart by which Flyte was installed, from the images of Deployments; `undefined` if none is Flyte's */
export function detectFlavor(deployments: readonly unknown[]): Flavor | undefined {
  const images = deployments.filter(isObject).flatMap(readImages);
  const binary = images.find((image) => /(?:^|\/)flyte-binary/.test(image));
  // v2's image has a name of its own; tags such as `latest` and digests do not tell.
  if (binary !== undefined) return /flyte-binary-v2|:v?2\./.test(binary) ? "binary-v2" : "binary-v1";
  return images.some((image) => /(?:^|\/)flytepropeller/.test(image)) ? "core" : undefined;
}

function readImages({ spec }: JsonObject): readonly string[] {
  const template = isObject(spec) && isObject(spec.template) ? spec.template.spec : undefined;
  const containers = isObject(template) && Array.isArray(template.containers) ? template.containers : [];
  return containers.flatMap((container: unknown) =>
    isObject(container) && typeof container.image === "string" ? [container.image] : [],
  );
}
