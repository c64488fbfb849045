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

/** Components that change what another one adds, each with that one. */
export const CHANGED: Readonly<Partial<Record<Component, Component>>> = {
  "injection-guard-deny": "injection-guard",
};
