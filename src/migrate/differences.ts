/** Lists the differences between two results, each with its rule in docs/differences.md, if any. */
import { VaultKey, VaultKeyPrefix } from "../core/vault/key.ts";
import { renderFlyteTemplate, renderTemplate } from "../core/vault/template.ts";
import type { DeclaredFile, Served } from "./served.ts";

/** The kind of a difference. `role`, `namespace` and `path` affect which secret is read, and where the task looks for it. */
type DifferenceKind = "role" | "namespace" | "path" | "annotation" | "template" | "file" | "variable";

/** One difference. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Number of its rule in docs/differences.md; absent if there is none. */
  readonly rule?: number;
  /** Key of the annotation, path of the file, or container and variable. */
  readonly what: string;
  /** Value of Flyte's webhook; absent if it sets none. */
  readonly from?: string;
  /** Value of this webhook; absent if it sets none. */
  readonly to?: string;
}

/** @returns whether a difference can make a task read another secret, or none */
export function isCritical({ kind, rule }: Difference): boolean {
  return rule === undefined && (kind === "role" || kind === "namespace" || kind === "path");
}

/** @returns the number of the pod's requests for a file */
export type CountRequests = (path: string) => number;

/** @returns every difference between the results of Flyte's webhook and of this one */
export function compareServed(
  flyte: Served,
  ours: Served,
  countRequests: CountRequests,
): readonly Difference[] {
  return [
    ...compareAnnotations(flyte.annotations, ours.annotations),
    ...compareFiles(flyte.files, ours.files, countRequests),
    ...compareVariables(flyte, ours),
  ];
}

function compareAnnotations(
  flyte: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
): readonly Difference[] {
  return [...new Set([...flyte.keys(), ...ours.keys()])].flatMap((what) => {
    const [from, to] = [flyte.get(what), ours.get(what)];
    return from === to ? [] : [toDifference({ kind: toKind(what), what }, from, to)];
  });
}

function toKind(key: string): DifferenceKind {
  if (key === VaultKey.role) return "role";
  if (key === VaultKey.namespace) return "namespace";
  return key === VaultKey.secretVolumePath || key.startsWith(VaultKeyPrefix.volume) ? "path" : "annotation";
}

function toDifference(
  difference: Omit<Difference, "from" | "to">,
  from: string | undefined,
  to: string | undefined,
): Difference {
  return { ...difference, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function compareFiles(
  flyte: readonly DeclaredFile[],
  ours: readonly DeclaredFile[],
  countRequests: CountRequests,
): readonly Difference[] {
  const paths = new Set([...flyte, ...ours].map(({ file }) => file));
  return [...paths].flatMap((path) => {
    const [before, after] = [flyte, ours].map((files) => files.filter(({ file }) => file === path));
    return compareFile(path, before ?? [], after ?? [], countRequests);
  });
}

function compareFile(
  what: string,
  before: readonly DeclaredFile[],
  after: readonly DeclaredFile[],
  countRequests: CountRequests,
): readonly Difference[] {
  const [from, to] = [before[0], after[0]];
  if (!from || !to) {
    // A missing file breaks the task (`path`); an additional one does not (`file`).
    return [toDifference({ kind: from ? "path" : "file", what }, from?.secret, to?.secret)];
  }
  const found: Difference[] = [];
  if (from.secret !== to.secret) found.push(toDifference({ kind: "path", what }, from.secret, to.secret));
  else found.push(...compareTemplates(from, to, before));
  if (before.length > after.length) {
    // Flyte declares a file once for each equal request (rule 6); more declarations come from a second call (rule 5).
    const rule = countRequests(what) >= before.length ? 6 : 5;
    const facts = { from: `declared ${before.length} times`, to: `declared ${after.length} times` };
    found.push({ kind: "file", rule, what, ...facts });
  }
  return found;
}

function compareTemplates(
  from: DeclaredFile,
  to: DeclaredFile,
  all: readonly DeclaredFile[],
): readonly Difference[] {
  if (all.some(({ template }) => template === to.template)) return [];
  const rules = explainTemplate(from, to);
  const facts = toDifference({ kind: "template", what: to.file }, from.template, to.template);
  return rules.length === 0 ? [facts] : rules.map((rule) => ({ ...facts, rule }));
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** @returns the rules that explain a changed template; none if the template is not Flyte's or the engine differs */
function explainTemplate({ secret, file, template }: DeclaredFile, ours: DeclaredFile): readonly number[] {
  const key = file.slice(secret.length + 1);
  const engine = (["kv1", "kv2"] as const).find(
    (each) => renderTemplate(each, secret, key) === ours.template,
  );
  if (!engine || !file.startsWith(`${secret}/`)) return [];
  // Flyte writes no template if kvVersion is a number in its configuration.
  if (template === undefined) return [11];
  if (template !== renderFlyteTemplate(engine, secret, key)) return [];
  return [
    ...(IDENTIFIER.test(key) ? [] : [1]),
    ...(/["\\]/.test(secret) ? [2] : []),
    ...(/[#%?:]|^\s|\s$/u.test(secret) ? [18] : []),
  ];
}

function compareVariables(flyte: Served, ours: Served): readonly Difference[] {
  return ours.variables.flatMap((mine): readonly Difference[] => {
    const theirs = flyte.variables.find(
      ({ container, name }) => container === mine.container && name === mine.name,
    );
    const what = `${mine.container}: ${mine.name}`;
    if (theirs && theirs.count > 1) {
      return [{ kind: "variable", rule: 10, what, from: `set ${theirs.count} times`, to: "set once" }];
    }
    if (theirs?.value === mine.value) return [];
    // If the configuration changes the folder, this webhook also changes the variable, and the task finds its secrets.
    if (theirs && flyte.annotations.get(VaultKey.secretVolumePath) === mine.value) {
      return [toDifference({ kind: "variable", rule: 19, what }, theirs.value, mine.value)];
    }
    return [toDifference({ kind: "path", what }, theirs?.value, mine.value)];
  });
}
