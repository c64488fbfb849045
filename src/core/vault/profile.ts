/**
 * `policy.profile`: a set of rules for what pods may say themselves, before the configuration's own `locked` and `denied`.
 *
 * In Flyte the author of a pod wins over the platform, and profile `flyte` leaves it so. `hardened` is for clusters whose
 * task authors are not those who decide where secrets come from. A table; `core/check/policy.ts` applies it. It is a guard rail:
 * Vault's own policies are the boundary.
 */
import { compileGlobs } from "../glob.ts";
import { VAULT_DOMAIN } from "./key.ts";

/** The profiles that a configuration can name. */
export const PROFILES = ["flyte", "hardened"] as const;

/** Name of a profile. */
export type Profile = (typeof PROFILES)[number];

/** One kind of annotation that a pod may not decide. */
export interface ProfileRule {
  /** Glob of full annotation keys: `*` is any run of characters. */
  readonly pattern: string;
  /** `locked`: the platform decides it. `denied`: pods have no business with it. The same is allowed under both. */
  readonly kind: "locked" | "denied";
  /** What a pod could do with it; completes "With it a pod …". */
  readonly why: string;
}

const WHICH_VAULT = "asks another Vault, or one that somebody else answers for";
const WHOSE_CERTIFICATE = "trusts whatever certificate it likes";
const WHOSE_LOGIN = "logs in as somebody else";
const ANY_PATH = "reads any path that its role can read, past requests, plugins and audit";

/** Rules of `hardened`, in the order in which they are looked at. */
const HARDENED: readonly ProfileRule[] = [
  locked("role", WHOSE_LOGIN),
  locked("namespace", "reads another Vault namespace"),
  locked("auth-*", WHOSE_LOGIN),
  locked("service", WHICH_VAULT),
  locked("proxy-address", WHICH_VAULT),
  locked("tls-*", WHOSE_CERTIFICATE),
  locked("ca-cert", WHOSE_CERTIFICATE),
  // Despite its name the agent's ca_path, and as good as ca-cert.
  locked("ca-key", WHOSE_CERTIFICATE),
  denied("agent-image", "runs its own program with the agent's token"),
  denied("agent-configmap", "replaces the agent's whole configuration, every template included"),
  denied("agent-inject-command-*", "runs commands in the agent's container"),
  // One star for both: agent-json-patch and agent-init-json-patch.
  denied("agent-*json-patch", "changes the agent's container at will"),
  denied("agent-inject-secret-*", ANY_PATH),
  // Template files as well: agent-inject-template-file-*.
  denied("agent-inject-template-*", ANY_PATH),
];

const RULES: Readonly<Record<Profile, readonly ProfileRule[]>> = { flyte: [], hardened: HARDENED };

/** @returns the rules of a profile, for listings. */
export function toProfileRules(profile: Profile): readonly ProfileRule[] {
  return RULES[profile];
}

/**
 * Compiles a profile.
 *
 * What the platform sets with the very same value is never refused: a second pass finds on the pod what the first one
 * wrote, templates of requests included (`core/vault/reuse.ts` keeps them in the layers).
 *
 * @returns the rule that an annotation of the pod breaks. `platform` is what webhook, configuration and plugins set for
 *   that key, if they do
 */
export function compileProfile(
  profile: Profile,
): (key: string, value: string, platform: string | undefined) => ProfileRule | undefined {
  const rules = RULES[profile].map((rule) => ({ rule, matches: compileGlobs([rule.pattern]) }));
  return (key, value, platform) =>
    value === platform ? undefined : rules.find(({ matches }) => matches(key))?.rule;
}

function locked(name: string, why: string): ProfileRule {
  return { pattern: VAULT_DOMAIN + name, kind: "locked", why };
}

function denied(name: string, why: string): ProfileRule {
  return { pattern: VAULT_DOMAIN + name, kind: "denied", why };
}
