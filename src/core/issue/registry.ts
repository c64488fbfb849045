/** Every issue that there is, by its code, for those who look one up. A test sees to it that no table is forgotten. */
import { admissionIssues } from "./admission.ts";
import { annotationIssues, checkIssues } from "./check.ts";
import { cliIssues } from "./cli.ts";
import { clusterIssues } from "./cluster.ts";
import { configIssues } from "./config.ts";
import { describeIn, type IssueTable } from "./describe.ts";
import { diagnoseIssues } from "./diagnose.ts";
import { doctorIssues } from "./doctor.ts";
import { httpIssues } from "./http.ts";
import type { Issue } from "./issue.ts";
import { manifestIssues } from "./manifests.ts";
import { migrateIssues } from "./migrate.ts";
import { pluginIssues } from "./plugin.ts";
import { previewIssues } from "./preview.ts";
import { runtimeIssues } from "./runtime.ts";
import { secretIssues } from "./secret.ts";
import { tlsIssues } from "./tls.ts";

const TABLES: readonly IssueTable[] = [
  admissionIssues,
  annotationIssues,
  checkIssues,
  cliIssues,
  clusterIssues,
  configIssues,
  diagnoseIssues,
  doctorIssues,
  httpIssues,
  manifestIssues,
  migrateIssues,
  pluginIssues,
  previewIssues,
  runtimeIssues,
  secretIssues,
  tlsIssues,
];

/** Every code, in order. */
export const ISSUE_CODES: readonly string[] = TABLES.flatMap((table) => Object.keys(table)).sort();

/**
 * Describes what a code stands for.
 *
 * @returns the issue, with the names of facts in angle brackets where a real one has the facts; `undefined` where no issue
 *   has the code
 */
export function describeIssue(code: string): Issue | undefined {
  return describeIn(TABLES, code);
}
