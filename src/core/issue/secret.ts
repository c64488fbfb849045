/** Messages about secret requests. */
import { defineReviewIssues, quote } from "./define.ts";

interface Named {
  readonly annotation: string;
}

interface Field extends Named {
  readonly field: "group" | "key" | "group_version";
  readonly value: string;
}

/**
 * Flyte's own message, word for word, because people search for it (Flyte `vault_secret_manager.go`).
 */
const ENV_VAR_REFUSED = "Env_Var is not a supported mount requirement for Vault Secret Manager";

/** Whether a path begins with Vault's API version, as on Vault's web page. */
function isApiPath(path: string): boolean {
  return /^\/*v1\//.test(path);
}

/** @returns the path without API version, empty segments, `.` and `..` */
function toPlainPath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== "." && segment !== "..");
  return segments.slice(isApiPath(path) ? 1 : 0).join("/");
}

/** Issues about secret requests, by code. */
export const secretIssues = defineReviewIssues({
  "secret.base32": {
    severity: "deny",
    message: (f: Named & { value: string; index: number }) =>
      `Cannot decode secret request ${f.annotation}: character ${f.index} of ${quote(f.value)} is not in Flyte's base32 alphabet (a-z, 1-6, no padding)`,
    help: "Let Flyte write the annotation, or write it with `flyte-vault-webhook secrets encode`",
  },
  "secret.text": {
    severity: "deny",
    message: (f: Named & { reason: string }) => `Cannot decode secret request ${f.annotation}: ${f.reason}`,
    help: "Let Flyte write the annotation, or write it with `flyte-vault-webhook secrets encode`",
  },
  "secret.utf8": {
    severity: "deny",
    message: (f: Named & { field: string }) =>
      `Cannot decode secret request ${f.annotation}: its ${f.field} is not valid UTF-8`,
    help: "Write the group and the key in UTF-8",
  },
  "secret.group-missing": {
    severity: "deny",
    message: (f: Named) => `Secret request ${f.annotation} has no group: Vault needs a path to read`,
    help: 'Name the Vault path in the task, such as Secret(group="secret/data/team", key="api_key"), in the v2 SDK with mount= or as_env_var=; or ask the platform for the plugin request-defaults',
  },
  "secret.key-missing": {
    severity: "deny",
    message: (f: Named) => `Secret request ${f.annotation} has no key: a file needs a name`,
    help: 'Name the key in the task, such as Secret(group="secret/data/team", key="api_key")',
  },
  "secret.env-var": {
    severity: "deny",
    message: (f: Named & { group: string; key: string }) =>
      `${ENV_VAR_REFUSED}. Secret request ${f.annotation} (group ${quote(f.group)}, key ${quote(f.key)}) asks for one`,
    help: "Ask for a file: mount_requirement=Secret.MountType.FILE in flytekit; mount= (a folder) and group= in the v2 SDK; the platform can allow variables by policy.envVars",
  },
  "secret.mount-unknown": {
    severity: "deny",
    message: (f: Named & { mount: number }) =>
      `Secret request ${f.annotation} has the mount requirement ${f.mount}, which Flyte does not define`,
    help: "Use ANY (0) or FILE (2)",
  },
  "secret.value-too-long": {
    severity: "deny",
    message: (f: Named & { characters: number; limit: number }) =>
      `Cannot decode secret request ${f.annotation}: its value has ${f.characters} characters, expected at most ${f.limit}`,
    help: "Shorten the group or the key, and leave out comments",
  },
  "secret.too-long": {
    severity: "deny",
    message: (f: Named & { bytes: number; limit: number }) =>
      `Secret request ${f.annotation} has a group, version and key of ${f.bytes} bytes together, expected at most ${f.limit}: Linux opens no file with a path this long`,
    help: "Shorten the group or the key",
  },
  "secret.control-character": {
    severity: "deny",
    message: (f: Field) =>
      `Secret request ${f.annotation} has a control character in its ${f.field} ${quote(f.value)}`,
    help: "Remove line breaks, tabs and other control characters; Vault paths and file names do not need them",
  },
  "secret.template-delimiter": {
    severity: "deny",
    message: (f: Field) =>
      `Secret request ${f.annotation} has "{{" or "}}" in its ${f.field} ${quote(f.value)}: the agent would run it as a template`,
    help: "Rename the path or key in Vault so that it has no double braces",
  },
  "secret.path-segment": {
    severity: "deny",
    message: (f: Field & { segment: string }) =>
      `Secret request ${f.annotation} has ${f.segment === "" ? "an empty segment" : `the segment "${f.segment}"`} in its ${f.field} ${quote(f.value)}: ${f.segment === ".." ? "the file would leave its folder" : "no client would find the file"}`,
    help: (f: Field & { segment: string }) => {
      const meant = toPlainPath(f.value);
      if (meant === "") return `Name the ${f.field} as Vault has it`;
      return meant === f.value
        ? 'Write the path without a leading or trailing "/", and without "//", "." or ".."'
        : `Write ${quote(meant)}: a path has no "/" at its ends, no "//", "." or ".."${isApiPath(f.value) ? ", and v1 belongs to the API" : ""}`;
    },
  },
  "secret.database-quote": {
    severity: "deny",
    message: (f: Named & { value: string }) =>
      `Secret request ${f.annotation} of engine db has a quote or backslash in its group ${quote(f.value)}: the injector pastes it into a template`,
    help: 'Use a Vault path without " or \\',
  },
  "secret.database-path": {
    severity: "deny",
    message: (f: Named & { value: string }) =>
      `Secret request ${f.annotation} of engine db has the group ${quote(f.value)}, which the agent reads as a URL: it would ask Vault for another path`,
    help: "Use a Vault path without #, % or ?, without blanks at its ends, and without a colon in its first segment",
  },
  "secret.carried": {
    severity: "deny",
    message: (f: Named & { key: string; value: string; expected: string }) =>
      `The pod sets ${f.key} to ${quote(f.value)}, but that id belongs to secret request ${f.annotation}, which needs ${quote(f.expected)}`,
    help: "Remove the annotation from the pod, or give it another id",
  },
  "secret.version-clash": {
    severity: "deny",
    message: (f: Named & { other: string; path: string; otherPath: string }) =>
      `Secret requests ${f.other} (${quote(f.otherPath)}) and ${f.annotation} (${quote(f.path)}) are the same to the agent, which caches both under one name: both files would get the same value`,
    help: "Ask for the two paths in different tasks",
  },
  "secret.file-twice": {
    severity: "deny",
    message: (f: Named & { other: string; file: string }) =>
      `Secret request ${f.annotation} writes the file ${quote(f.file)}, and so does ${f.other}: the agent picks a random winner`,
    help: "Ask for only one of them, or give them different groups or keys",
  },
  "secret.file-in-file": {
    severity: "deny",
    message: (f: Named & { other: string; file: string; folder: string }) =>
      `Secret request ${f.annotation} writes the file ${quote(f.file)}, but ${quote(f.folder)} is a file of ${f.other}: the agent exits`,
    help: "Rename one of the groups or keys so that no file's path is a folder of another",
  },
  "secret.file-name-case": {
    severity: "warning",
    message: (f: Named & { file: string; expected: string }) =>
      `flytekit lower-cases names: it will look for ${quote(f.expected)}, but Flyte's name for the file of ${f.annotation} is ${quote(f.file)}`,
    help: "Use lower-case groups and keys, or set `policy.fileNames: flytekit` to write both files",
  },
  "secret.file-name-group": {
    severity: "warning",
    message: (f: Named & { file: string; expected: string }) =>
      `${f.annotation} has no group of its own: flytekit and the v2 SDK look for ${quote(f.expected)}, but the file is ${quote(f.file)}`,
    help: "Name the group in the task, or set `policy.fileNames: [flytekit, flyte-sdk]` to write both files",
  },
  "secret.file-name-sdk": {
    severity: "info",
    message: (f: Named & { file: string; expected: string }) =>
      `The v2 SDK's documentation lower-cases keys: a task that follows it looks for ${quote(f.expected)}, but the file of ${f.annotation} is ${quote(f.file)}`,
    help: "Use a lower-case key, or set `policy.fileNames: flyte-sdk` to write both files",
  },
  "secret.file-name-version": {
    severity: "info",
    message: (f: Named & { file: string; expected: string }) =>
      `flytekit looks for ${quote(f.expected)} when the task reads ${f.annotation} with its group_version, but the file is ${quote(f.file)}`,
    help: "Read the secret without group_version, or set `policy.fileNames: flytekit` to write both files",
  },
  "secret.kv2-data": {
    severity: "warning",
    message: (f: Named & { path: string }) =>
      `${f.annotation} asks a version 2 engine for ${quote(f.path)}, which has no "data" after the mount: the agent finds the secret only if it may ask Vault for the mount's version`,
    help: "Write the path as Vault's policies name it, such as secret/data/team, or group_version=kv1 for a version 1 engine",
  },
  "secret.variable-name": {
    severity: "deny",
    message: (f: Named & { name: string }) =>
      `Secret request ${f.annotation} asks for the environment variable ${quote(f.name)}, which is not a valid name, or is reserved for the folder of the secrets`,
    help: "Use letters, digits and underscores, no digit at the beginning, and no name that begins with FLYTE_SECRETS_ (env_var in flytekit, as_env_var in the v2 SDK)",
  },
  "secret.variable-path": {
    severity: "info",
    message: (f: Named & { name: string }) =>
      `Secret request ${f.annotation} asks for a file and for the variable ${f.name}: the variable will hold the path of the file, not the secret`,
    help: "Read the file at that path; for the secret itself in a variable, ask for ENV_VAR, which needs policy.envVars",
  },
  "secret.variable-twice": {
    severity: "error",
    message: (f: Named & { name: string; other: string }) =>
      `Secret requests ${f.other} and ${f.annotation} both ask for the environment variable ${f.name}: the task gets the value of ${f.annotation}`,
    help: "Give each of them a different variable (env_var in flytekit, as_env_var in the v2 SDK)",
  },
  "secret.variable-replaced": {
    severity: "warning",
    message: (f: Named & { name: string; container: string }) =>
      `Secret request ${f.annotation} sets the environment variable ${f.name}, which container ${quote(f.container)} sets as well: the secret request wins`,
    help: "Rename one of the two",
  },
  "secret.variable-finalizer": {
    severity: "warning",
    message: (f: { finalizer: string }) =>
      `The pod has the finalizer ${quote(f.finalizer)} and variables that the kubelet reads from files: a Flyte before 1.16.4, or before 2.0.19, drops them when it removes the finalizer, the API server refuses that update, and the deleted pod stays`,
    help: "Ask the platform for Flyte 1.16.4 or 2.0.19, or newer, or for inject-finalizer: false",
  },
  "secret.variable-lasting": {
    severity: "info",
    message: (f: { why: string }) =>
      `The pod ${f.why} and may live for weeks: its variables keep the values that they have when a container starts`,
    help: "Ask for a file, which a sidecar of the agent writes anew (agent-pre-populate-only: false), or restart the pod when the secret changes",
  },
  "secret.variable-late": {
    severity: "deny",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is false, so the agent writes its files after the containers start, and the kubelet cannot set the variables that read them`,
    help: (f: { key: string }) => `Set ${f.key} to true, or ask for files`,
  },
  "secret.variables-too-large": {
    severity: "deny",
    message: (f: { variables: number; containers: number; bytes: number; limit: number }) =>
      `${f.variables} variables for each of ${f.containers} containers would add ${f.bytes} bytes to the pod, expected at most ${f.limit}: etcd stores no larger object`,
    help: "Ask for fewer variables, or read the secrets from files",
  },
  "secret.kv1-data": {
    severity: "warning",
    message: (f: Named & { path: string }) =>
      `${f.annotation} asks a version 1 engine for ${quote(f.path)}, which looks like a path of version 2: if it is one, the file gets "<no value>"`,
    help: "Ask with group_version=kv2, or leave group_version out if the platform's default is 2",
  },
  "secret.engine-unknown": {
    severity: "warning",
    message: (f: Named & { version: string; engine: string; known: string }) =>
      `${f.annotation} has the group_version ${quote(f.version)}, which does not name a secret engine: the platform's default, engine ${f.engine}, is used`,
    help: (f: { known: string }) =>
      `Use ${f.known}, or leave group_version out; to ask for a version of a kv2 secret, add it to the group, as in secret/data/team?version=3`,
  },
  "secret.api-path": {
    severity: "warning",
    message: (f: Named & { path: string }) =>
      `${f.annotation} asks for ${quote(f.path)}, which begins with the prefix of Vault's API: the agent will ask for ${quote(`/v1/${f.path}`)}`,
    help: (f: { path: string }) => `Leave the prefix out: ${quote(f.path.slice(3))}`,
  },
  "secret.database-keys": {
    severity: "warning",
    message: (f: Named & { other: string; path: string; key: string }) =>
      `${f.annotation} asks for key ${quote(f.key)} of the credential ${quote(f.path)}, and ${f.other} asks for another key of it: with engine db, a key does not select a field, and both files get the whole credential`,
    help: "Ask for the credential once, and read its fields from the one file",
  },
});
