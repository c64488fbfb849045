/**
 * Warns about settings that are valid but hardly meant: texts with blanks around them, lists that match no pod, patterns that no
 * name can match, and things that are set twice. All of them would otherwise have no effect, or another one, without a word.
 */
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { VaultKey } from "../core/vault/key.ts";
import type { Config } from "./schema.ts";
import { at, describe, find, type Leaf, type List, type Path, type Tree, toDotted } from "./tree.ts";

/**
 * Parts that are judged elsewhere, or whose texts may be anything: annotations by the rules for pods, options by their plugin, the
 * injector's flags by its model; managers are read without blanks, as in Flyte.
 */
const ELSEWHERE =
  /^(?:webhook\.(?:vaultSecretManager\.annotations|secretManagerTypes?)|plugins\[\d+\]\.with|injector\.flags)(?:[.[]|$)/;

/** Finds settings that are hardly meant. `written` is the merged configuration with its positions in the files. */
export function checkSlips(config: Config, written: Tree): Issue[] {
  return [...walk(written, []), ...checkRole(config, written), ...checkWhen(config, written)];
}

function walk(tree: Tree, path: Path): Issue[] {
  if (ELSEWHERE.test(toDotted(path))) return [];
  switch (tree.kind) {
    case "leaf":
      return checkBlanks(tree, path);
    case "list":
      return [
        ...checkTwice(tree, path),
        ...tree.items.flatMap((item, index) => walk(item, [...path, index])),
      ];
    case "map":
      return [...tree.entries].flatMap(([name, entry]) => walk(entry.tree, [...path, name]));
  }
}

function checkBlanks(leaf: Leaf, steps: Path): Issue[] {
  if (typeof leaf.value !== "string" || leaf.value === leaf.value.trim()) return [];
  const path = toDotted(steps);
  // Shown as written: the value may come from the environment.
  return [configIssues["config.blanks"]({ at: at(leaf.place), path, got: describe(leaf) }, { path })];
}

function checkTwice({ items }: List, steps: Path): Issue[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    if (item.kind !== "leaf" || !seen.has(item.value)) {
      if (item.kind === "leaf") seen.add(item.value);
      return [];
    }
    const path = toDotted([...steps, index]);
    return [configIssues["config.twice"]({ at: at(item.place), path, got: describe(item) }, { path })];
  });
}

const MANAGER = ["webhook", "vaultSecretManager"] as const;

/** The configuration's annotations win over `role`, as in Flyte. */
function checkRole({ webhook }: Config, written: Tree): Issue[] {
  const role = find(written, [...MANAGER, "role"]).tree;
  const { tree, place } = find(written, [...MANAGER, "annotations", VaultKey.role]);
  const { annotations } = webhook.vaultSecretManager;
  if (
    role === undefined ||
    tree === undefined ||
    annotations[VaultKey.role] === webhook.vaultSecretManager.role
  )
    return [];
  const path = toDotted([...MANAGER, "annotations", VaultKey.role]);
  const facts = {
    at: at(place),
    key: VaultKey.role,
    path: toDotted([...MANAGER, "role"]),
    got: describe(tree),
  };
  return [configIssues["config.role-twice"](facts, { path })];
}

/** What a name can consist of, and its greatest length; `*` in a pattern stands for any of it. */
interface Names {
  readonly are: string;
  readonly characters: RegExp;
  readonly longest: number;
}

const LABEL_VALUES: Names = {
  are: `a label's value (letters, digits, "-", "_" and ".", at most 63)`,
  characters: /^[A-Za-z0-9_.-]*$/,
  longest: 63,
};
const NAMESPACES: Names = {
  are: `a namespace's name (lower-case letters, digits and "-", at most 63)`,
  characters: /^[a-z0-9-]*$/,
  longest: 63,
};
const SERVICE_ACCOUNTS: Names = {
  are: `a service account's name (lower-case letters, digits, "-" and ".", at most 253)`,
  characters: /^[a-z0-9.-]*$/,
  longest: 253,
};
/** Of groups, what every configuration refuses (core/check/request.ts), and placeholders, which `when` does not fill in. */
const GROUPS: Names = {
  are: "a group that is served (no empty or dotted parts, no control characters, no {placeholder})",
  characters: /^(?!\/)(?!.*(?:\/\/|\/\.{1,2}\/|\p{Cc}|\{[A-Za-z]+\})).*$/su,
  longest: 4_000,
};

// Sources: Kubernetes "Object Names and IDs" and "Labels and Selectors".
const WHEN: Readonly<Record<Exclude<keyof Config["plugins"][number]["when"], "labels">, Names>> = {
  projects: LABEL_VALUES,
  domains: LABEL_VALUES,
  namespaces: NAMESPACES,
  serviceAccounts: SERVICE_ACCOUNTS,
  groups: GROUPS,
};

function checkWhen({ plugins }: Config, written: Tree): Issue[] {
  return plugins.flatMap(({ when }, index) => {
    const steps: Path = ["plugins", index, "when"];
    const fields = (Object.keys(WHEN) as (keyof typeof WHEN)[]).flatMap((field) =>
      checkPatterns(when[field], WHEN[field], [...steps, field], written),
    );
    const labels = Object.entries(when.labels ?? {}).flatMap(([label, patterns]) =>
      checkPatterns(patterns, LABEL_VALUES, [...steps, "labels", label], written),
    );
    return [...fields, ...labels];
  });
}

function checkPatterns(
  patterns: readonly string[] | undefined,
  names: Names,
  steps: Path,
  written: Tree,
): Issue[] {
  if (patterns === undefined) return [];
  const { tree, place } = find(written, steps);
  const path = toDotted(steps);
  if (patterns.length === 0) return [configIssues["config.when-nothing"]({ at: at(place), path }, { path })];
  return patterns.flatMap((pattern, index) => {
    const fixed = pattern.replaceAll("*", "");
    if (isPossible(pattern, names) && fixed.length <= names.longest) return [];
    // A label's single pattern may be written without a list.
    const item: Path = tree?.kind === "list" ? [...steps, index] : steps;
    const found = find(written, item);
    const facts = {
      at: at(found.place),
      path: toDotted(item),
      pattern: describe(found.tree),
      names: names.are,
    };
    return [configIssues["config.when-unmatched"](facts, { path: facts.path })];
  });
}

/** Whether each piece between stars can be part of a name; blanks around it are reported by themselves. */
function isPossible(pattern: string, { characters }: Names): boolean {
  return pattern !== pattern.trim() || characters.test(pattern.replaceAll("*", "x"));
}
