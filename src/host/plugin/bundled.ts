/** The plugins that come with the webhook: one file in `plugins/` for each name. */

/** Names of the bundled plugins, sorted; a test compares them with the folder. */
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

/** @returns the URL of a bundled plugin's module */
export function toBundledUrl(name: string): string {
  return new URL(`../../../plugins/${name}.ts`, import.meta.url).href;
}
