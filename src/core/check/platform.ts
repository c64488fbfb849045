/** Rules about the pod's platform: service meshes, operating systems. */
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import { field, hasInitAgent, isOn, items, type PodCheck, type Rule, textOf } from "./change.ts";

const INIT_FIRST = vaultKey("agent-init-first");
const RUN_AS_USER = vaultKey("agent-run-as-user");

/** A service mesh whose init container redirects the pod's traffic to a proxy. */
interface Mesh {
  /** Names of the init container that redirects. */
  readonly init: readonly string[];
  /** Name of the proxy's container; as a native sidecar (restartPolicy: Always) it runs before the agent. */
  readonly proxy: string;
  /** User whose traffic is not redirected. */
  readonly user: string;
  /** Annotations that let traffic past the proxy. */
  readonly excludes: readonly string[];
}

const MESHES: readonly Mesh[] = [
  {
    init: ["istio-init"],
    proxy: "istio-proxy",
    user: "1337",
    excludes: [
      "traffic.sidecar.istio.io/excludeOutboundPorts",
      "traffic.sidecar.istio.io/excludeOutboundIPRanges",
      "traffic.sidecar.istio.io/includeOutboundIPRanges",
    ],
  },
  {
    init: ["linkerd-init"],
    proxy: "linkerd-proxy",
    user: "2102",
    excludes: ["config.linkerd.io/skip-outbound-ports", "config.linkerd.io/skip-subnets"],
  },
];

/** Reports a mesh whose init container runs before the agent: the agent has no network until the proxy runs. */
export const checkMesh: Rule = (annotations) => {
  if (!hasInitAgent(annotations) || isOn(annotations, INIT_FIRST, false)) return undefined;
  const user = annotations.get(RUN_AS_USER);
  const meshes = MESHES.filter((mesh) => mesh.user !== user);
  return ({ pod }, found) => {
    const inits = items(pod.spec, "initContainers");
    if (inits.length === 0) return;
    for (const { init, proxy, excludes } of meshes) {
      const container = inits.map((own) => textOf(own, "name")).find((name) => init.includes(name));
      if (container === undefined || inits.some((own) => isStaying(own, proxy))) continue;
      const own = field(pod.metadata, "annotations");
      if (excludes.some((key) => textOf(own, key) !== "")) continue;
      const where = { path: "/spec/initContainers", annotation: INIT_FIRST } as const;
      found.report(checkIssues["pod.mesh-init"], { container, key: INIT_FIRST }, where);
    }
  };
};

function isStaying(container: unknown, proxy: string): boolean {
  return textOf(container, "name") === proxy && textOf(container, "restartPolicy") === "Always";
}

/** Reports a pod for Windows, where the injector's Linux image cannot run. */
export const checkSystem: PodCheck = ({ pod: { spec } }, found) => {
  const isWindows = textOf(field(spec, "os"), "name") === "windows";
  const isSelected = textOf(field(spec, "nodeSelector"), "kubernetes.io/os") === "windows";
  if (!isWindows && !isSelected) return;
  const name = isWindows ? "spec.os.name: windows" : "nodeSelector kubernetes.io/os: windows";
  const where = { path: isWindows ? "/spec/os" : "/spec/nodeSelector" } as const;
  found.report(checkIssues["pod.windows"], { field: name }, where);
};
