/** Names of Flyte's `webhook` section that decide a pod's identity and secrets, where they belong, and what resembles them. */
import { findNearest } from "../core/nearest.ts";
import { type Path, toDotted } from "./tree.ts";

/** Slips that still make a name a mistyped one. */
const MOST_SLIPS = 2;

const WEBHOOK = ["webhook"] as const;
const VAULT = ["webhook", "vaultSecretManager"] as const;

/** Each name and the part that it belongs into. A mistyped one must not leave the default in force. */
const HOMES: ReadonlyMap<string, Path> = new Map<string, Path>([
  ["vaultSecretManager", WEBHOOK],
  ["secretManagerTypes", WEBHOOK],
  ["secretManagerType", WEBHOOK],
  ["role", VAULT],
  ["kvVersion", VAULT],
  ["annotations", VAULT],
]);

/** Names that only Flyte's section has: a map with one of them is that section, wherever it stands. */
const SIGNS: ReadonlySet<string> = new Set(
  ["vaultSecretManager", "secretManagerTypes", "secretManagerType", "certDir", "localCert"].map(fold),
);

/** Names that charts give to the part of their values which is about the webhook's Deployment. */
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
 * Says what an unknown name most likely means, where it matters.
 *
 * @param written the name as it stands in the file
 * @param path the part that it stands in
 * @returns the dotted path of the name that is meant; `undefined` where it resembles none
 */
export function findMeant(written: string, path: Path): string | undefined {
  const plain = written.replaceAll(/[-_]/g, "");
  const exact = [...HOMES.keys()].find((name) => fold(name) === fold(plain));
  const near = exact ?? findNearest(plain, HOMES.keys(), MOST_SLIPS)?.name;
  // `vaultRole`, `roleName`: whoever writes them means the identity.
  const meant = near ?? (path.length === VAULT.length && fold(plain).includes("role") ? "role" : undefined);
  const home = meant === undefined ? undefined : HOMES.get(meant);
  return home && meant && toDotted([...home, meant]);
}

/** @returns the place of a name that stands at the top of a file instead of in `webhook`, or nothing */
export function findMisplaced(written: string): string | undefined {
  const name = [...HOMES.keys()].find((known) => fold(known) === fold(written));
  const home = name === undefined ? undefined : HOMES.get(name);
  return home && name && toDotted([...home, name]);
}

/** Whether a map with these names is Flyte's section. */
export function isFlyteSection(names: Iterable<string>): boolean {
  for (const name of names) if (SIGNS.has(fold(name))) return true;
  return false;
}

/** Whether a map with these names is a chart's values for the webhook's Deployment. */
export function isChartSection(names: readonly string[]): boolean {
  return !isFlyteSection(names) && names.some((name) => CHART_NAMES.has(name));
}

function fold(name: string): string {
  return name.toLowerCase();
}
