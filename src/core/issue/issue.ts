/**
 * The type of all messages to users. Their texts are in the tables beside this file, one table per area.
 */
import type { admissionIssues } from "./admission.ts";
import type { annotationIssues, checkIssues } from "./check.ts";
import type { cliIssues } from "./cli.ts";
import type { clusterIssues } from "./cluster.ts";
import type { configIssues } from "./config.ts";
import type { IssueOf } from "./define.ts";
import type { diagnoseIssues } from "./diagnose.ts";
import type { doctorIssues } from "./doctor.ts";
import type { httpIssues } from "./http.ts";
import type { manifestIssues } from "./manifests.ts";
import type { migrateIssues } from "./migrate.ts";
import type { pluginIssues } from "./plugin.ts";
import type { previewIssues } from "./preview.ts";
import type { runtimeIssues } from "./runtime.ts";
import type { secretIssues } from "./secret.ts";
import type { tlsIssues } from "./tls.ts";

export type { Severity } from "./define.ts";

/** Any code of the tables. */
export type IssueCode =
  | keyof typeof admissionIssues
  | keyof typeof annotationIssues
  | keyof typeof checkIssues
  | keyof typeof cliIssues
  | keyof typeof clusterIssues
  | keyof typeof configIssues
  | keyof typeof diagnoseIssues
  | keyof typeof doctorIssues
  | keyof typeof httpIssues
  | keyof typeof manifestIssues
  | keyof typeof migrateIssues
  | keyof typeof pluginIssues
  | keyof typeof previewIssues
  | keyof typeof runtimeIssues
  | keyof typeof secretIssues
  | keyof typeof tlsIssues;

/** The code of an issue that a plugin's `review` reports: the plugin's name and the plugin's code. */
type PluginIssueCode = `plugin:${string}/${string}`;

/** One message to a user: a stable code, what is wrong, and what to do about it. */
export type Issue = IssueOf<IssueCode | PluginIssueCode>;
