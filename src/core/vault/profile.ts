/**
 * `policy.profile`: the annotations that pods may set, before the configuration's own `locked` and `denied`.
 *
 * In Flyte a pod's own annotations win over the platform's, and profile `flyte` keeps this. Profile `hardened` is for clusters
 * whose task authors must not decide where secrets come from. A profile lists the classes of annotations that pods may set;
 * `core/check/policy.ts` applies it. It prevents mistakes; the security boundary is Vault's own policies.
 */
import { ANNOTATION_CLASSES, type AnnotationClass, classifyAnnotation } from "../../injector/classes.ts";

/** Names of the profiles. */
export const PROFILES = ["flyte", "hardened"] as const;

/** Name of a profile. */
export type Profile = (typeof PROFILES)[number];

/** Annotation classes that a pod may set; other classes and unknown keys of the injector's domain are refused. */
const FREE: Readonly<Record<Profile, ReadonlySet<AnnotationClass> | "everything">> = {
  flyte: "everything",
  hardened: new Set<AnnotationClass>(["lifecycle", "log", "resources"]),
};

const UNKNOWN =
  "sets an annotation that this release does not know but another release of the injector may obey";

/** Decides whether a pod may set an annotation; see {@link compileProfile}. */
export type ProfileJudge = (key: string, value: string, platform: string | undefined) => string | undefined;

/**
 * Compiles a profile.
 *
 * An annotation that the platform sets to the same value is never refused: when the API server calls the webhook a second
 * time, the pod has what the first call wrote, including templates (`core/vault/reuse.ts` keeps them in the layers).
 *
 * @returns a function that returns why a pod may not set an annotation, to complete "with it, a pod …"; `undefined` if it
 *   may. Its parameter `platform` is the value from webhook, configuration and plugins, if any
 */
export function compileProfile(profile: Profile): ProfileJudge {
  const free = FREE[profile];
  if (free === "everything") return () => undefined;
  return (key, value, platform) => {
    if (value === platform) return undefined;
    const kind = classifyAnnotation(key);
    if (kind === undefined) return undefined;
    if (kind === "unknown") return UNKNOWN;
    return free.has(kind) ? undefined : ANNOTATION_CLASSES[kind];
  };
}
