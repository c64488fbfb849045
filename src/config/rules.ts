/** Rules that involve several parts of a configuration; each part has been validated before. */
import { compileGlobs } from "../core/glob.ts";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { nearest } from "../core/nearest.ts";
import { VaultKey } from "../core/vault/key.ts";
import { FLAG_NAMES, judgeFlags, MODELLED_VERSION } from "../injector/flags.ts";
import { checkPatterns } from "./patterns.ts";
import type { Config } from "./schema.ts";
import { checkSlips } from "./slips.ts";
import { at, describe, find, type Path, type Tree, toDotted } from "./tree.ts";
import { toGoText } from "./weak.ts";

const VAULT = ["webhook", "vaultSecretManager"] as const;
const FLYTE_DOMAIN = "flyte.secrets/";

/** Applies every rule. `written` is the merged configuration with its positions in the files. */
export function checkRules(config: Config, written: Tree): Issue[] {
  return [
    ...checkManagers(config, written),
    ...checkDenied(config, written),
    ...checkPatterns(config, written),
    ...checkAnnotations(config, written),
    ...checkRendered(written),
    ...checkPreview(config, written),
    ...checkInjector(config, written),
    ...checkSlips(config, written),
  ];
}

function checkManagers({ webhook }: Config, written: Tree): Issue[] {
  if (webhook.secretManagerTypes.includes("Vault")) return [];
  const list = find(written, ["webhook", "secretManagerTypes"]).tree;
  const isList = list?.kind === "list" && list.items.length > 0;
  const path = isList ? "webhook.secretManagerTypes" : "webhook.secretManagerType";
  const { place } = find(written, path.split("."));
  const managers = webhook.secretManagerTypes.join(", ");
  return [configIssues["config.vault-missing"]({ at: at(place), path, managers }, { path })];
}

// The role is also an annotation, set on every pod.
function checkDenied({ webhook, policy }: Config, written: Tree): Issue[] {
  const { annotations } = webhook.vaultSecretManager;
  const set = Object.keys(annotations).map((key) => ({ key, path: [...VAULT, "annotations", key] as Path }));
  set.push({ key: VaultKey.role, path: [...VAULT, "role"] });
  return policy.denied.flatMap((glob, index) => {
    const matches = compileGlobs([glob]);
    // Shown as written: the value may come from the environment.
    const pattern = describe(find(written, ["policy", "denied", index]).tree);
    return set
      .filter(({ key }) => matches(key))
      .map(({ key, path }) => {
        const by = toDotted(path.slice(0, 3));
        const facts = { at: at(find(written, path).place), key, pattern, by };
        return configIssues["config.denied"](facts, { path: toDotted(path), annotation: key });
      });
  });
}

function checkAnnotations({ webhook }: Config, written: Tree): Issue[] {
  return Object.keys(webhook.vaultSecretManager.annotations).flatMap((key) => {
    const path = [...VAULT, "annotations", key];
    const { tree, place } = find(written, path);
    const where = { path: toDotted(path), annotation: key };
    const facts = { at: at(place), key };
    const issues: Issue[] = [];
    if (key.startsWith(FLYTE_DOMAIN) || key === VaultKey.status) {
      issues.push(configIssues["config.annotation-reserved"](facts, where));
    }
    const taken = tree && surprisingText(tree);
    if (taken !== undefined) {
      issues.push(configIssues["config.annotation-text"]({ ...facts, got: describe(tree), taken }, where));
    }
    return issues;
  });
}

/** Annotations whose values may be templates or commands. */
const TEMPLATES = compileGlobs(["*template*", "*command*", "*json-patch*", "*-delim-*"]);
const HELM = /\{\{/;
// Unresolved `${env:…}` is reported elsewhere.
const SHELL = /\$(?:\{(?!env:)|[A-Za-z_])/;

/** Warns about placeholders of other tools: like Flyte's webhook, this one does not fill them in. */
function checkRendered(written: Tree): Issue[] {
  const annotations = find(written, [...VAULT, "annotations"]).tree;
  const keys = annotations?.kind === "map" ? [...annotations.entries.keys()] : [];
  const paths: Path[] = [
    [...VAULT, "role"],
    ...keys.filter((key) => !TEMPLATES(key)).map((key) => [...VAULT, "annotations", key]),
  ];
  return paths.flatMap((steps) => {
    const { tree, place } = find(written, steps);
    if (tree?.kind !== "leaf" || typeof tree.value !== "string") return [];
    const text = tree.source.replace(/^["']|["']$/g, "");
    const syntax = HELM.test(text) ? "a template" : "a shell's variable";
    if (!HELM.test(text) && !SHELL.test(text)) return [];
    const path = toDotted(steps);
    return [configIssues["config.unrendered"]({ at: at(place), path, text, syntax }, { path })];
  });
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\])$/i;

function checkPreview({ server: { management, preview } }: Config, written: Tree): Issue[] {
  if (!preview.enabled || preview.token !== undefined || LOOPBACK.test(management.host)) return [];
  const { place } = find(written, ["server", "management", "host"]);
  const path = "server.management.host";
  return [configIssues["config.preview-open"]({ at: at(place), host: management.host }, { path })];
}

/** Reports options that the injector does not have, and values with which it does not start. */
function checkInjector({ injector: { version, flags } }: Config, written: Tree): Issue[] {
  const placeOf = (...steps: string[]) => at(find(written, ["injector", ...steps]).place);
  const issues: Issue[] = judgeFlags(flags).map(({ name, kind }) => {
    const where = { path: `injector.flags.${name}` };
    const facts = { at: placeOf("flags", name), name };
    if (kind === "unknown")
      return configIssues["config.injector-flag"]({ ...facts, nearest: nearest(name, FLAG_NAMES) }, where);
    return configIssues["config.injector-value"]({ ...facts, value: flags[name] ?? "" }, where);
  });
  if (version === MODELLED_VERSION) return issues;
  const facts = { at: placeOf("version"), version, modelled: MODELLED_VERSION };
  return [...issues, configIssues["config.injector-version"](facts, { path: "injector.version" })];
}

// `true` becomes "1", `0644` becomes "420", `1.10` becomes "1.1": as in Flyte, but hardly ever intended.
function surprisingText(tree: Tree): string | undefined {
  if (tree.kind !== "leaf") return undefined;
  if (typeof tree.value === "boolean") return toGoText(tree.value);
  if (typeof tree.value !== "number" || String(tree.value) === tree.source) return undefined;
  return String(tree.value);
}
