/** Messages about the configuration. An `error` prevents loading it; other severities are only reported. */
import { defineIssues, quote } from "./define.ts";

/** Prefix of a message: `FILE:LINE:COLUMN: `; empty if the position is unknown. */
interface At {
  readonly at: string;
}

/** An unknown name, and the known name that is most likely meant. */
interface Unknown extends At {
  readonly name: string;
  readonly nearest: string | undefined;
}

const meant = (f: Unknown): string => (f.nearest === undefined ? "" : `; did you mean ${f.nearest}?`);
const orRemove = (f: Unknown): string =>
  f.nearest === undefined
    ? "Remove it; `flyte-vault-webhook config schema` lists the known keys"
    : `Write ${f.nearest}, or remove it`;

/** Issues about the configuration, by code. */
export const configIssues = defineIssues({
  "config.injector-version": {
    severity: "info",
    message: (f: At & { version: string; modelled: string }) =>
      `${f.at}injector.version is ${quote(f.version)}: checks and previews follow a model of ${f.modelled}`,
    help: "Nothing to do, unless you use something that differs between the two versions",
  },
  "config.injector-flag": {
    severity: "warning",
    message: (f: Unknown) => `${f.at}The injector has no option ${quote(f.name)}${meant(f)}`,
    help: "Write names as in the injector's Deployment: options without the leading dash, or environment variables",
  },
  "config.injector-value": {
    severity: "warning",
    message: (f: At & { name: string; value: string }) =>
      `${f.at}injector.flags.${f.name} is ${quote(f.value)}: the injector does not start with it`,
    help: "Correct the value, or copy it from the injector's Deployment",
  },
  "config.file-missing": {
    severity: "error",
    message: (f: { file: string }) =>
      `Cannot read the configuration: file or folder ${quote(f.file)} does not exist`,
    help: "Name it with --config or FLYTE_VAULT_WEBHOOK_CONFIG, or start from a copy of config/webhook.yaml",
  },
  "config.file-unreadable": {
    severity: "error",
    message: (f: { file: string; reason: string }) =>
      `Cannot read the configuration ${quote(f.file)}: ${f.reason}`,
    help: "Make it a UTF-8 text file that the webhook's user can read",
  },
  "config.file-too-large": {
    severity: "error",
    message: (f: { file: string; limit: number }) =>
      `Cannot read the configuration ${quote(f.file)}: it is larger than ${f.limit} bytes`,
    help: "Make it smaller, or split it into several files",
  },
  "config.files-too-large": {
    severity: "error",
    message: (f: { limit: number }) =>
      `Cannot read the configuration: its files together are larger than ${f.limit} bytes`,
    help: "Make them smaller, or name fewer files with --config",
  },
  "config.parse-timeout": {
    severity: "error",
    message: (f: { seconds: number }) =>
      `Cannot read the configuration: parsing it took longer than ${f.seconds} seconds`,
    help: "Make it smaller; the webhook may also have too little CPU",
  },
  "config.files-none": {
    severity: "error",
    message: (f: { path: string }) => `Cannot read the configuration: no file matches ${quote(f.path)}`,
    help: "Put a *.yaml, *.yml or *.json file there, or correct --config",
  },
  "config.syntax": {
    severity: "error",
    message: (f: At & { reason: string }) => `${f.at}Cannot read YAML: ${f.reason}`,
    help: "Correct the YAML at this place; strings with : # * & { [ or a leading blank need quotes",
  },
  "config.too-large": {
    severity: "error",
    message: (f: At & { limit: string }) =>
      `${f.at}Cannot read the configuration: it has more than ${f.limit}`,
    help: "Make it smaller; an alias (*name) counts each time it is used",
  },
  "config.more-issues": {
    severity: "info",
    message: (f: { more: number }) => `${f.more} more issues are not shown`,
    help: "Correct those above; the next check shows the rest",
  },
  "config.not-data": {
    severity: "error",
    message: (f: At & { path: string; got: string }) =>
      `${f.at}${f.path} is ${f.got}: a configuration has only strings, numbers, booleans, lists and maps`,
    help: "Pass only values that JSON can express",
  },
  "config.not-map": {
    severity: "error",
    message: (f: At & { got: string }) => `${f.at}Expected a map of sections, found ${f.got}`,
    help: "Begin with a section, such as `webhook:`; config/webhook.yaml is an example",
  },
  "config.name-twice": {
    severity: "error",
    message: (f: At & { name: string; other: string }) =>
      `${f.at}${f.name} and ${f.other} are the same name, because case is ignored here`,
    help: "Keep one of them",
  },
  "config.name-unknown": {
    severity: "error",
    message: (f: Unknown) => `${f.at}Unknown key ${f.name}${meant(f)}`,
    help: orRemove,
  },
  "config.webhook-name-unknown": {
    severity: "warning",
    message: (f: Unknown) => `${f.at}Unknown key ${f.name} in Flyte's webhook section, ignored${meant(f)}`,
    help: orRemove,
  },
  "config.section-unknown": {
    severity: "error",
    message: (f: At & { name: string; nearest: string }) =>
      `${f.at}Unknown section ${f.name}; did you mean ${f.nearest}?`,
    help: (f: { nearest: string }) => `Write ${f.nearest}, or remove the section`,
  },
  "config.misplaced": {
    severity: "error",
    message: (f: At & { name: string; meant: string }) =>
      `${f.at}Unknown key ${f.name}; did you mean ${f.meant}? As it is, the default is used for every pod`,
    help: (f: { meant: string }) => `Write ${f.meant}, or remove the key`,
  },
  "config.empty": {
    severity: "error",
    message: (f: { file: string }) => `The configuration file ${quote(f.file)} is empty`,
    help: "Write `version: 1` into it to run with the defaults, or leave the file out",
  },
  "config.nothing": {
    severity: "error",
    message: (f: { files: string; names: string }) =>
      `Found no section of this webhook in ${f.files}: expected webhook, plugins, policy, server or audit${f.names === "" ? "" : `, found ${f.names}`}`,
    help: "Pass the file with Flyte's webhook section, or write `version: 1` to run with the defaults",
  },
  "config.nested": {
    severity: "error",
    message: (f: At & { path: string }) =>
      `${f.at}Expected the section webhook at the top of the file, found it at ${f.path}, as in a Helm chart's values`,
    help: (f: { path: string }) =>
      `Copy the section at ${f.path} as \`webhook:\` to a separate file, or pass the ConfigMap that the chart renders`,
  },
  "config.chart-values": {
    severity: "error",
    message: (f: At & { names: string }) =>
      `${f.at}The section webhook holds a Helm chart's values for a Deployment (${f.names}), not Flyte's configuration`,
    help: "Pass the ConfigMap that the chart renders (`helm template`), or a file with Flyte's webhook section",
  },
  "config.kubernetes-object": {
    severity: "error",
    message: (f: At & { object: string }) =>
      `${f.at}Expected a configuration, found the Kubernetes object ${f.object}, which does not contain one`,
    help: "Pass a ConfigMap whose data has a webhook section, or the file that the ConfigMap is made from",
  },
  "config.configmaps-several": {
    severity: "error",
    message: (f: At & { places: string }) =>
      `${f.at}Found more than one ConfigMap with a configuration: ${f.places}`,
    help: "Pass only the ConfigMap that the webhook mounts",
  },
  "config.configmap-read": {
    severity: "info",
    message: (f: At & { object: string; names: string }) =>
      `${f.at}Read the data of the ${f.object}: ${f.names}`,
    help: "Nothing to do; in a pod, mount the ConfigMap as a folder",
  },
  "config.unrendered": {
    severity: "warning",
    message: (f: At & { path: string; text: string; syntax: string }) =>
      `${f.at}${f.path} is ${quote(f.text)}: ${f.syntax} is not rendered here, so every pod gets this text literally`,
    help: (f: { path: string; text: string; syntax: string }) =>
      f.syntax === "a template"
        ? `Render the file before it is deployed, write \${env:NAME} for an environment variable, or use the plugin role-map for a value that differs by project or namespace`
        : `Write \${env:NAME} for an environment variable of the webhook`,
  },
  "config.pattern-unmatched": {
    severity: "warning",
    message: (f: At & { path: string; pattern: string; nearest: string | undefined }) =>
      `${f.at}${f.path} is ${f.pattern}, which matches no annotation of the Vault Agent Injector: it protects nothing`,
    help: (f: At & { path: string; pattern: string; nearest: string | undefined }) =>
      f.nearest === undefined
        ? "Correct the pattern, or remove it; docs/security.md lists the annotations"
        : `Did you mean ${f.nearest}?`,
  },
  "config.blanks": {
    severity: "warning",
    message: (f: At & { path: string; got: string }) =>
      `${f.at}${f.path} is ${f.got}, whose value has blanks or line breaks at its ends: they count`,
    help: "Remove them; a value from a file or a Secret often ends with a line break",
  },
  "config.twice": {
    severity: "warning",
    message: (f: At & { path: string; got: string }) =>
      `${f.at}${f.path} is ${f.got}, which the same list has already`,
    help: "Remove it, or write what was meant",
  },
  "config.annotation-twice": {
    severity: "warning",
    message: (f: At & { key: string }) =>
      `${f.at}The list of annotations has ${quote(f.key)} twice: as in Flyte, the last one is used`,
    help: "Keep one of them",
  },
  "config.role-twice": {
    severity: "warning",
    message: (f: At & { key: string; path: string; got: string }) =>
      `${f.at}The annotation ${f.key} (${f.got}) is used instead of ${f.path}, which has another role`,
    help: (f: { key: string; path: string }) => `Remove ${f.key} from the annotations, or ${f.path}`,
  },
  "config.when-nothing": {
    severity: "warning",
    message: (f: At & { path: string }) =>
      `${f.at}${f.path} is an empty list, which matches nothing: the plugin is called for no pod`,
    help: (f: { path: string }) => `Add a pattern, or remove ${f.path} to match all pods`,
  },
  "config.when-unmatched": {
    severity: "warning",
    message: (f: At & { path: string; pattern: string; names: string }) =>
      `${f.at}${f.path} is ${f.pattern}, which never matches ${f.names}`,
    help: "Correct the pattern; `*` is any text, and nothing else is special",
  },
  "config.preview-open": {
    severity: "warning",
    message: (f: At & { host: string }) =>
      `${f.at}/preview needs no token on ${f.host}: anyone who can reach the port can see roles, paths and annotations for any pod`,
    help: `Set server.preview.token, such as \${env:PREVIEW_TOKEN}, turn server.preview.enabled off, or bind server.management.host to 127.0.0.1`,
  },
  "config.section-of-flyte": {
    severity: "info",
    message: (f: At & { name: string; ours: string }) =>
      `${f.at}${f.name} belongs to Flyte and is ignored here: ${f.ours}`,
    help: "Nothing to do",
  },
  "config.value": {
    severity: "error",
    message: (f: At & { path: string; got: string; expected: string }) =>
      `${f.at}${f.path} is ${f.got}, expected ${f.expected}`,
    help: (f: { path: string; expected: string }) => `Set ${f.path} to ${f.expected}`,
  },
  "config.missing": {
    severity: "error",
    message: (f: At & { path: string }) => `${f.at}${f.path} is missing`,
    help: (f: { path: string }) => `Add ${f.path}`,
  },
  "config.not-yet": {
    severity: "error",
    message: (f: At & { path: string; got: string; now: string }) =>
      `${f.at}${f.path} is ${f.got}, which this version does not support yet`,
    help: (f: { path: string; now: string }) => `Set ${f.path} to ${f.now}, or leave it out`,
  },
  "config.version": {
    severity: "error",
    message: (f: At & { got: string }) => `${f.at}version is ${f.got}, but this program reads version 1`,
    help: "Set version to 1, or leave it out; for a newer file use a newer webhook",
  },
  "config.vault-missing": {
    severity: "error",
    message: (f: At & { path: string; managers: string }) =>
      `${f.at}Expected Vault in ${f.path}, found ${f.managers}: this webhook serves secrets from Vault only`,
    help: (f: { path: string }) => `Add Vault to ${f.path}, or leave it out: the default is Vault`,
  },
  "config.env-unset": {
    severity: "error",
    message: (f: At & { path: string; name: string }) =>
      `${f.at}${f.path} refers to the environment variable ${quote(f.name)}, which is not set`,
    help: (f: { name: string }) =>
      `Set ${f.name} for the webhook's process, or write the value into the file`,
  },
  "config.env-malformed": {
    severity: "error",
    message: (f: At & { path: string }) =>
      `${f.at}${f.path} has "\${env:" without a name and a closing brace`,
    help: `Write \${env:NAME}`,
  },
  "config.denied": {
    severity: "error",
    message: (f: At & { key: string; pattern: string; by: string }) =>
      `${f.at}${f.by} sets the annotation ${quote(f.key)}, which policy.denied (${f.pattern}) forbids`,
    help: "Remove the setting, or the pattern that denies it",
  },
  "config.annotation-reserved": {
    severity: "warning",
    message: (f: At & { key: string }) =>
      `${f.at}The annotation ${quote(f.key)} in the configuration is set on every pod with secrets, as in Flyte, but only the pod or the injector should set it`,
    help: "Remove it",
  },
  "config.annotation-text": {
    severity: "warning",
    message: (f: At & { key: string; got: string; taken: string }) =>
      `${f.at}The annotation ${quote(f.key)} is ${f.got} without quotes and is read as ${quote(f.taken)}`,
    help: "Put the text in quotes; Flyte reads it the same way",
  },
});
