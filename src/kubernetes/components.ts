/** The optional parts of an installation. */

/** Names of the components, which are folders in config/kubernetes/components. */
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
