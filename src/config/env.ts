/** Substitutes `${env:NAME}` in all texts of a configuration; an unset variable is an error, never an empty text. */
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { at, type Leaf, type Path, type Tree, toDotted } from "./tree.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The tree with variables replaced by their values, and the issues. */
export interface Substituted {
  readonly tree: Tree;
  readonly issues: readonly Issue[];
  /** Dotted paths of values that contain a variable. */
  readonly paths: readonly string[];
}

const VARIABLE = /\$\{env:([^{}]*)\}/g;
// Flyte also expands shell variables, but only in `certDir` (Go os.ExpandEnv in `ExpandCertDir`).
const SHELL_VARIABLE = /\$\{(?:env:)?([^{}]*)\}|\$(\w+)/g;
const CERT_DIR = "webhook.certDir";

/** Substitutes all variables. Leaves keep their source text, so messages never show a variable's value. */
export function substituteEnv(tree: Tree, env: Env): Substituted {
  const issues: Issue[] = [];
  const paths: string[] = [];
  const walk = (part: Tree, path: Path): Tree => {
    if (part.kind === "list")
      return { ...part, items: part.items.map((item, index) => walk(item, [...path, index])) };
    if (part.kind === "map") {
      const entries = [...part.entries].map(
        ([name, entry]) => [name, { ...entry, tree: walk(entry.tree, [...path, name]) }] as const,
      );
      return { ...part, entries: new Map(entries) };
    }
    if (typeof part.value !== "string" || !part.value.includes("$")) return part;
    const dotted = toDotted(path);
    const substituted = substituteLeaf(part, part.value, dotted, env, issues);
    if (substituted.value !== part.value) paths.push(dotted);
    return substituted;
  };
  return { tree: walk(tree, []), issues, paths };
}

function substituteLeaf(leaf: Leaf, text: string, path: string, env: Env, issues: Issue[]): Leaf {
  const where = { at: at(leaf.place), path };
  const pattern = path === CERT_DIR ? SHELL_VARIABLE : VARIABLE;
  if (text.replace(pattern, "").includes("${env:"))
    issues.push(configIssues["config.env-malformed"](where, { path }));
  const value = text.replace(pattern, (written: string, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined) issues.push(configIssues["config.env-unset"]({ ...where, name }, { path }));
    return found ?? written;
  });
  return { ...leaf, value, source: text };
}
