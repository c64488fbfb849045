/** What can be wrong with the configuration. An `error` stops it from being loaded; the other severities are only reported. */
import { defineIssues, quote } from "./define.ts";

/** Where in the files: `FILE:LINE:COLUMN: `, ready to begin a message with, or empty where no text is known. */
interface At {
  readonly at: string;
}

/** A name that is not known, and the known one that is most likely meant. */
interface Unknown extends At {
  readonly name: string;
  readonly nearest: string | undefined;
}

const meant = (f: Unknown): string => (f.nearest === undefined ? "" : `; did you mean ${f.nearest}?`);
const orRemove = (f: Unknown): string =>
  f.nearest === undefined
    ? "Remove it; `flyte-vault-webhook config schema` lists what there is"
    : `Write ${f.nearest}, or remove it`;

export const configIssues = defineIssues({
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
    help: "Make it a UTF-8 text file that the webhook's user may read",
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
    severity: "warning",
    message: (f: At & { name: string; nearest: string }) =>
      `${f.at}Unknown section ${f.name}, ignored; did you mean ${f.nearest}?`,
    help: (f: { nearest: string }) => `Write ${f.nearest}`,
  },
  "config.section-of-flyte": {
    severity: "info",
    message: (f: At & { name: string; ours: string }) =>
      `${f.at}${f.name} belongs to Flyte and is ignored here: ${f.ours}`,
    help: "Nothing to do",
  },
  "config.unused": {
    severity: "info",
    message: (f: At & { name: string; instead: string }) =>
      `${f.at}${f.name} is accepted but not used: ${f.instead}`,
    help: "Nothing to do; Flyte may still need it",
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
      `${f.at}${f.path} is ${f.managers}, without Vault: this webhook serves secrets from Vault only`,
    help: (f: { path: string }) => `Add Vault to ${f.path}, or leave it out: the default is Vault`,
  },
  "config.env-unset": {
    severity: "error",
    message: (f: At & { path: string; name: string }) =>
      `${f.at}${f.path} needs the environment variable ${quote(f.name)}, which is not set`,
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
