/** Finds misspelled and misplaced names of Flyte's `webhook` section that decide a pod's identity and secrets. */
import { findNearest } from "../core/nearest.ts";
import { type Path, toDotted } from "./tree.ts";

/** Largest edit distance of a misspelled name. */
const MOST_SLIPS = 2;

const WEBHOOK = ["webhook"] as const;
const VAULT = ["webhook", "vaultSecretManager"] as const;

/** Each name and the section that it belongs to. If one is misspelled, the default must not apply silently. */
const HOMES: ReadonlyMap<string, Path> = new Map<string, Path>([
  ["vaultSecretManager", WEBHOOK],
  ["secretManagerTypes", WEBHOOK],
  ["secretManagerType", WEBHOOK],
  ["role", VAULT],
  ["kvVersion", VAULT],
  ["annotations", VAULT],
]);

/** Names that only Flyte's section has; a map with one of them is that section. */
const SIGNS: ReadonlySet<string> = new Set(
  ["vaultSecretManager", "secretManagerTypes", "secretManagerType", "certDir", "localCert"].map(fold),
);

/** Names in charts' values for the webhook's Deployment. */
const CHART_NAMES: ReadonlySet<string> = new Set([
  ...[
    "enabled",
    "autoscaling",
    "podAnnotations",
    "podLabels",
    "podEnv",
    "nodeSelector",
    "tolerations",
    "affinity",
  ],
  ...["serviceAccount", "service", "securityContext", "resources", "image", "strategy", "replicaCount"],
  ...["priorityClassName", "prometheus", "managedConfig"],
]);

/**
 * Finds the important name that an unknown name most likely means.
 *
 * @param written the name in the file
 * @param path the section that contains it
 * @returns the dotted path of the intended name; `undefined` if it resembles none
 */
export function findMeant(written: string, path: Path): string | undefined {
  const plain = written.replaceAll(/[-_]/g, "");
  const exact = [...HOMES.keys()].find((name) => fold(name) === fold(plain));
  const near = exact ?? findNearest(plain, HOMES.keys(), MOST_SLIPS)?.name;
  // Names such as `vaultRole` and `roleName` mean the role.
  const meant = near ?? (path.length === VAULT.length && fold(plain).includes("role") ? "role" : undefined);
  const home = meant === undefined ? undefined : HOMES.get(meant);
  return home && meant && toDotted([...home, meant]);
}

/** @returns the right path of a name that was written at the top level instead of in `webhook`; otherwise `undefined` */
export function findMisplaced(written: string): string | undefined {
  const name = [...HOMES.keys()].find((known) => fold(known) === fold(written));
  const home = name === undefined ? undefined : HOMES.get(name);
  return home && name && toDotted([...home, name]);
}

/** @returns whether a map with these names is Flyte's section */
export function isFlyteSection(names: Iterable<string>): boolean {
  for (const name of names) if (SIGNS.has(fold(name))) return true;
  return false;
}

/** @returns whether a map with these names is a chart's values for the webhook's Deployment */
export function isChartSection(names: readonly string[]): boolean {
  return !isFlyteSection(names) && names.some((name) => CHART_NAMES.has(name));
}

function fold(name: string): string {
  return name.toLowerCase();
}
