/**
 * `policy.profile`: what pods may choose themselves, before the configuration's own `locked` and `denied`.
 *
 * In Flyte the author of a pod wins over the platform, and profile `flyte` leaves it so. `hardened` is for clusters whose
 * task authors are not those who decide where secrets come from. A profile lists the classes of annotations that it leaves
 * to pods; `core/check/policy.ts` applies it. It is a guard rail: Vault's own policies are the boundary.
 */
import { ANNOTATION_CLASSES, type AnnotationClass, classifyAnnotation } from "../../injector/classes.ts";

/** The profiles that a configuration can name. */
export const PROFILES = ["flyte", "hardened"] as const;

/** Name of a profile. */
export type Profile = (typeof PROFILES)[number];

/** Classes that a pod may choose; the other ones, and keys of the domain that no vocabulary has, are refused. */
const FREE: Readonly<Record<Profile, ReadonlySet<AnnotationClass> | "everything">> = {
  flyte: "everything",
  hardened: new Set<AnnotationClass>(["lifecycle", "log", "resources"]),
};

const UNKNOWN = "sets what this release does not know and another release of the injector may obey";

/** Judges one annotation of a pod. */
export type ProfileJudge = (key: string, value: string, platform: string | undefined) => string | undefined;

/**
 * Compiles a profile.
 *
 * What the platform sets with the very same value is never refused: a second pass finds on the pod what the first one
 * wrote, templates of requests included (`core/vault/reuse.ts` keeps them in the layers).
 *
 * @returns a function that says why a pod may not carry an annotation, completing "with it a pod …"; absent where it may.
 *   `platform` is what webhook, configuration and plugins set for that key, if they do
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
