/** The plugins that come with the webhook: one file each in `plugins/`, by their names. */

/** Their names, in order; a test keeps the list equal to the folder. */
export const BUNDLED: readonly string[] = [
  "agent-resources",
  "agent-security",
  "auth",
  "fail-fast",
  "gcp-auth",
  "namespace",
  "path-policy",
  "private-ca",
  "request-defaults",
  "role-map",
];

/** @returns the URL of a bundled plugin's module. */
export function toBundledUrl(name: string): string {
  return new URL(`../../../plugins/${name}.ts`, import.meta.url).href;
}
