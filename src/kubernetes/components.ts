/** Which parts an installation may have besides the base. */

/** What may be added to the base; folders of config/kubernetes/components. */
export const COMPONENTS = [
  "cert-manager",
  "injection-guard",
  "injection-guard-deny",
  "network-policy",
  "monitoring",
  "preview",
  "team-plugins",
  "observe",
] as const;

/** One of the shipped components. */
export type Component = (typeof COMPONENTS)[number];
