/** Reads a pod as the injector does: decoded by Go types, without all other fields. */
import { type Decoded, Decoder } from "./go-codec.ts";
import { POD } from "./kubernetes.ts";

/** A mount of a container. */
interface Mount {
  readonly name: string;
  readonly mountPath: string;
  /** All fields of the mount. */
  readonly decoded: Decoded;
}

/** A container of the pod. */
export interface PodContainer {
  readonly name: string;
  readonly mounts: readonly Mount[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly hasSecurityContext: boolean;
  /** From the container's own security context. */
  readonly runAsUser: number | undefined;
  /** All fields of the container that this version of the injector knows. */
  readonly decoded: Decoded;
}

/** A volume of the pod. */
interface PodVolume {
  readonly name: string;
  /** First path of a projected service account token; `undefined` if there is none. */
  readonly tokenPath: string | undefined;
}

/** The fields of a pod that the injector reads. */
export interface InjectorPod {
  readonly name: string;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly containers: readonly PodContainer[];
  readonly initContainers: readonly PodContainer[];
  readonly volumes: readonly PodVolume[];
  readonly shareProcessNamespace: boolean | undefined;
  readonly phase: string;
}

/** @returns the pod, or Go's error message if it does not fit the types */
export function readInjectorPod(pod: unknown): InjectorPod | { readonly error: string } {
  // The injector parses a missing object as an empty text.
  if (pod === null || pod === undefined) return { error: "unexpected end of JSON input" };
  const decoder = new Decoder();
  const decoded = decoder.decode(POD, pod);
  if (decoder.error !== undefined) return { error: decoder.error };
  const metadata = recordOf(decoded.metadata);
  const spec = recordOf(decoded.spec);
  return {
    name: textOf(metadata.name),
    annotations: recordOf(metadata.annotations),
    containers: recordsOf(spec.containers).map(toContainer),
    initContainers: recordsOf(spec.initContainers).map(toContainer),
    volumes: recordsOf(spec.volumes).map(toVolume),
    shareProcessNamespace:
      typeof spec.shareProcessNamespace === "boolean" ? spec.shareProcessNamespace : undefined,
    phase: textOf(recordOf(decoded.status).phase),
  };
}

function toContainer(decoded: Decoded): PodContainer {
  const context = recordOf(decoded.securityContext);
  return {
    name: textOf(decoded.name),
    mounts: recordsOf(decoded.volumeMounts).map((mount) => ({
      name: textOf(mount.name),
      mountPath: textOf(mount.mountPath),
      decoded: mount,
    })),
    env: recordsOf(decoded.env).map(({ name, value }) => ({ name: textOf(name), value: textOf(value) })),
    hasSecurityContext: decoded.securityContext !== undefined,
    runAsUser: typeof context.runAsUser === "number" ? context.runAsUser : undefined,
    decoded,
  };
}

function toVolume(decoded: Decoded): PodVolume {
  const sources = recordsOf(recordOf(decoded.projected).sources);
  const paths = sources.map((source) => textOf(recordOf(source.serviceAccountToken).path));
  return { name: textOf(decoded.name), tokenPath: paths.find((path) => path !== "") };
}

function recordOf(value: unknown): Decoded {
  return isRecord(value) ? value : {};
}

function recordsOf(value: unknown): readonly Decoded[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isRecord(value: unknown): value is Decoded {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
