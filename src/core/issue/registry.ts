/** Looks up issues of all tables by code. A test checks that no table is missing. */
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

/** All codes, sorted. */
export const ISSUE_CODES: readonly string[] = TABLES.flatMap((table) => Object.keys(table)).sort();

/**
 * Describes an issue code.
 *
 * @returns an issue with placeholders in angle brackets instead of facts; `undefined` if the code is unknown
 */
export function describeIssue(code: string): Issue | undefined {
  return describeIn(TABLES, code);
}
