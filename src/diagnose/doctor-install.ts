/** Checks of the installation besides the registrations, and of a sample pod. */
import { doctorIssues } from "../core/issue/doctor.ts";
import { isObject } from "../core/json.ts";
import { VaultKey } from "../core/vault/key.ts";
import { readText } from "../preview/input/identify.ts";
import { type Chain, notChecked, toRow } from "./doctor-facts.ts";
import { findGuard } from "./doctor-guard.ts";
import { readTexts, toList } from "./evidence.ts";

/** Checks whether the guard is installed, and whether it refuses pods. */
export function checkGuard({ policies, bindings }: Chain) {
  if (!policies.ok) return notChecked(policies.reason);
  const guard = findGuard(policies.value);
  if (guard.length === 0) return toRow("", [doctorIssues["doctor.guard-missing"]({})]);
  if (!bindings.ok) return toRow("it is installed; its actions could not be read", []);
  const names = new Set(guard.map(({ metadata }) => readText(metadata, "name")));
  const actions = toList(bindings.value)
    .map(({ spec }) => spec)
    .filter((spec) => names.has(readText(spec, "policyName")))
    .flatMap((spec) =>
      isObject(spec) && Array.isArray(spec.validationActions) ? spec.validationActions : [],
    )
    .map(String);
  if (actions.length === 0) return toRow("", [doctorIssues["doctor.guard-missing"]({})]);
  const text = [...new Set(actions)].join(", ");
  return toRow(
    `installed, actions ${text}`,
    actions.includes("Deny") ? [] : [doctorIssues["doctor.guard-warns"]({ actions: text })],
  );
}

/** Checks that all replicas are ready and have the same configuration. */
export function checkReplicas({ replicas }: Chain) {
  if (!replicas.ok) return notChecked(replicas.reason);
  const unready = replicas.value.filter(({ isReady }) => !isReady);
  const ready = replicas.value.filter(({ isReady }) => isReady);
  const hashes = new Set(ready.map(({ detail }) => detail));
  const text = ready.map(({ pod, detail }) => `${pod} ${detail.slice(0, 12)}`).join(", ");
  return toRow(
    `${ready.length} replicas with configuration ${[...hashes].map((hash) => hash.slice(0, 12)).join(", ")}`,
    [
      ...unready.map(({ pod, detail }) => doctorIssues["doctor.replica-unready"]({ pod, reason: detail })),
      ...(hashes.size > 1 ? [doctorIssues["doctor.configurations-differ"]({ hashes: text })] : []),
    ],
  );
}

/** Match conditions and ValidatingAdmissionPolicy are stable since 1.30 (Kubernetes, feature gates). */
const LEAST_MINOR = 30;

/** Checks the version of the API server; the row also shows those of the nodes. */
export function checkVersions({ apiServer, nodes }: Chain) {
  if (!apiServer.ok) return notChecked(apiServer.reason);
  const [, major = "", minor = ""] = /^v?(\d+)\.(\d+)/.exec(apiServer.value) ?? [];
  const isOld = Number(major) === 1 && Number(minor) < LEAST_MINOR;
  const kubelets = nodes.ok
    ? [
        ...new Set(
          toList(nodes.value).map(({ status }) =>
            readText(isObject(status) ? status.nodeInfo : {}, "kubeletVersion"),
          ),
        ),
      ]
    : [];
  const about = kubelets.length > 0 ? `, nodes ${kubelets.join(", ")}` : "";
  return toRow(
    `API server ${apiServer.value}${about}`,
    isOld ? [doctorIssues["doctor.api-server"]({ version: apiServer.value })] : [],
  );
}

/** Checks what a sample pod gets from all webhooks. */
export function checkDryRun({ dryRun }: Chain) {
  const { namespace, pod } = dryRun;
  if (!pod.ok) {
    // A refusal by a webhook is an issue; a user without the right to create pods only means that this is not checked.
    if (/cannot create resource|Unauthorized|no permission/.test(pod.reason)) return notChecked(pod.reason);
    return toRow("", [doctorIssues["doctor.dry-run-refused"]({ namespace, reason: pod.reason })]);
  }
  const { metadata, spec } = isObject(pod.value) ? pod.value : {};
  const annotations = readTexts(isObject(metadata) ? metadata.annotations : {});
  const names = isObject(spec)
    ? [...toList(spec.initContainers), ...toList(spec.containers)].map(({ name }) => name)
    : [];
  const lacks = [
    ...(annotations[VaultKey.inject] === "true" ? [] : ["the injector's annotations"]),
    ...(names.some((name) => name === "vault-agent-init" || name === "vault-agent")
      ? []
      : ["its Vault agent"]),
  ];
  const issue =
    lacks.length > 0 ? [doctorIssues["doctor.dry-run-bare"]({ namespace, lacks: lacks.join(" and ") })] : [];
  return toRow(`a sample pod in ${namespace} gets annotations and agent`, issue);
}
