/** Checks a cluster's admission chain: facts → one row for each check. */
import {
  checkCertificates,
  checkFailurePolicies,
  checkNamespaces,
  checkOrder,
  checkRegistered,
  checkServices,
  checkTimeouts,
} from "./doctor-chain.ts";
import { type Chain, type ClusterFacts, type DoctorRow, notChecked } from "./doctor-facts.ts";
import { checkInjector } from "./doctor-injector.ts";
import { checkDryRun, checkGuard, checkReplicas, checkVersions } from "./doctor-install.ts";
import { checkVariables } from "./doctor-variables.ts";
import { readRegistrations } from "./registration.ts";

type Check = readonly [name: string, check: (chain: Chain) => Omit<DoctorRow, "check">];

/** @returns a row for each check of a cluster */
export function examineCluster(facts: ClusterFacts): readonly DoctorRow[] {
  const { registrations } = facts;
  const webhooks = registrations.ok ? readRegistrations(registrations.value) : [];
  const known = CHECKS.filter(([name]) => registrations.ok || !NEED_REGISTRATIONS.has(name));
  const rows = known.map(([check, run]) => ({ check, ...run({ ...facts, webhooks }) }));
  if (registrations.ok) return rows;
  return [{ check: "registrations", ...notChecked(registrations.reason) }, ...rows];
}

const CHECKS: readonly Check[] = [
  ["registrations", checkRegistered],
  ["order", checkOrder],
  ["namespaces", checkNamespaces],
  ["timeouts", checkTimeouts],
  ["failure policies", checkFailurePolicies],
  ["services", checkServices],
  ["certificates", checkCertificates],
  ["guard", checkGuard],
  ["replicas", checkReplicas],
  ["injector", checkInjector],
  ["versions", checkVersions],
  ["dry run", checkDryRun],
  ["variables", checkVariables],
];

const NEED_REGISTRATIONS = new Set([
  "registrations",
  "order",
  "namespaces",
  "timeouts",
  "failure policies",
  "services",
  "certificates",
]);
