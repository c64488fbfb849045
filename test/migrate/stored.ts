/** Pods as a cluster stores them behind Flyte's webhook: the golden results, with what a cluster and the injector add. */
import { type GoldenInjection, goldenInjections } from "../fixtures/golden.ts";

/** A stored pod, and the golden row that it was made from. */
export interface StoredPod {
  readonly row: GoldenInjection;
  readonly pod: Record<string, unknown>;
}

interface PodLike {
  readonly metadata?: Record<string, unknown> & { readonly annotations?: Record<string, string> | null };
  readonly status?: object;
  readonly spec?: Record<string, unknown>;
}

const TOKEN = { name: "kube-api-access-x2b4z", readOnly: true, mountPath: "/var/run/secrets/x" };

/** How a cluster shows a pod. */
const VARIANTS: readonly ((pod: PodLike) => PodLike)[] = [
  (pod) => pod,
  (pod) => ({ ...pod, metadata: withServerFields(pod), status: { phase: "Running" } }),
  (pod) => inject({ ...pod, metadata: withServerFields(pod), status: { phase: "Pending" } }),
  (pod) => ({ ...inject(pod), metadata: { ...inject(pod).metadata, labels: { project: "p", domain: "d" } } }),
];

/** Every golden row that Flyte's webhook answered well, in each variant, under random ids. */
export function* createStoredPods(): Generator<StoredPod> {
  let number = 0;
  for (const [variant, change] of VARIANTS.entries()) {
    for (const row of goldenInjections) {
      if (row.status !== "ok" || !row.expected) continue;
      const text = JSON.stringify(row.expected).replace(/UUID_(\d+)/g, (_, at: string) =>
        toUuid(number, Number(at)),
      );
      const pod = change(JSON.parse(text));
      const name = `pod-${variant}-${number++}`;
      yield { row, pod: { ...pod, metadata: { ...pod.metadata, name } } };
    }
  }
}

function toUuid(pod: number, at: number): string {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");
  return `${hex(pod, 8)}-0000-4000-8000-${hex(at, 12)}`;
}

function withServerFields({ metadata }: PodLike) {
  return { ...metadata, uid: "0d7e7dc5", resourceVersion: "17", creationTimestamp: "2026-11-26T00:00:00Z" };
}

/** What the injector adds, as far as undoing it is concerned. */
function inject(pod: PodLike): PodLike {
  const annotations = pod.metadata?.annotations ?? {};
  if (annotations["vault.hashicorp.com/agent-inject"] === undefined) return pod;
  const spec = pod.spec ?? {};
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const mount = { name: "vault-secrets", mountPath: "/etc/flyte/secrets" };
  const containers = list(spec.containers).map((container) => ({
    ...Object(container),
    volumeMounts: [...list(Object(container).volumeMounts), TOKEN, mount],
  }));
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: { ...annotations, "vault.hashicorp.com/agent-inject-status": "injected" },
    },
    spec: {
      ...spec,
      containers,
      initContainers: [...list(spec.initContainers), { name: "vault-agent-init", image: "vault" }],
      volumes: [...list(spec.volumes), { name: TOKEN.name }, { name: "vault-secrets", emptyDir: {} }],
    },
  };
}
