/** Decides whether a newly loaded engine may replace the current one, by reviewing sample pods and recent pods with both. */
import { diffConfigs } from "../config/diff.ts";
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import { type Comparison, comparePods, describeCodes } from "../host/compare.ts";
import { reviewSample } from "../host/samples.ts";
import type { LoadedEngine } from "./load.ts";

/** Time for all recent pods together, milliseconds. */
const REPLAY_MS = 2_000;

/** What a reload changes, and why it is held back, if it is. */
export interface Verdict {
  /** Why the new engine must not take over; absent if it may. Only counts and codes, because `/readyz` shows it. */
  readonly held?: Issue;
  /** Fields for the log. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Compares a new engine with the current one.
 *
 * @param pods recently reviewed pods, the latest first
 */
export async function judgeTakeOver(
  current: LoadedEngine,
  next: LoadedEngine,
  pods: readonly AdmissionRequest[],
): Promise<Verdict> {
  const fields = describeChange(current, next);
  // Engines with the same hash treat every pod alike.
  if (current.engine.hash === next.engine.hash) return { fields };
  const { audit, server } = next.config;
  const asked = pods.slice(0, server.replay);
  const compared = await comparePods(current.engine, next.engine, asked, {
    ms: REPLAY_MS,
    paths: audit.paths,
  });
  const reason = await findReason(current, next, compared);
  return {
    fields: { ...fields, ...describeComparison(compared, asked.length) },
    ...(reason !== undefined && { held: pluginIssues["engine.held-back"]({ reason }) }),
  };
}

async function findReason(
  current: LoadedEngine,
  next: LoadedEngine,
  { reviewed, allowed, stillAllowed, refused, failing, newlyRefused, newlyFailing }: Comparison,
): Promise<string | undefined> {
  const of = `of ${reviewed} recent pods`;
  if (newlyFailing > 0)
    return `${newlyFailing} ${of} would newly end in a failure of the webhook (${describeCodes(failing)})`;
  if (allowed > 0 && newlyRefused === allowed)
    return `every recent pod that is allowed now would be refused (${describeCodes(refused)})`;
  const { reload } = next.config.server;
  if (typeof reload === "object" && newlyRefused > 0)
    return `${newlyRefused} ${of} would newly be refused (${describeCodes(refused)}), and server.reload.refuse is ${reload.refuse}`;
  // A correct policy may refuse all sample pods, which are made up; one recent pod that it allows is enough.
  if (stillAllowed === 0 && (await areSamplesNewlyRefused(current, next)))
    return "every sample pod would newly be refused, and no recent pod is allowed by it";
  return undefined;
}

/** @returns whether the new engine refuses all sample pods while the current one allows at least one of them */
async function areSamplesNewlyRefused(current: LoadedEngine, next: LoadedEngine): Promise<boolean> {
  if (next.samples.some(({ allowed }) => allowed)) return false;
  for (const { request } of next.samples)
    if ((await reviewSample(current.engine, request)).allowed) return true;
  return false;
}

function describeChange(current: LoadedEngine, next: LoadedEngine): Record<string, unknown> {
  const differences = diffConfigs(current.config, next.config, [...current.fromEnv, ...next.fromEnv]);
  const code = next.config.plugins.flatMap(({ use }, entry) => {
    const isSame = current.config.plugins[entry]?.use === use;
    return isSame && current.loader.entries.get(entry)?.digest !== next.loader.entries.get(entry)?.digest
      ? [`plugins[${entry}] ${use}: code changed`]
      : [];
  });
  const restart = differences.flatMap(({ path, needsRestart }) => (needsRestart ? [path] : []));
  return {
    previous: current.engine.hash,
    changed: [...differences.map(({ text }) => text), ...code],
    ...(restart.length > 0 && { needsRestart: restart }),
  };
}

function describeComparison(compared: Comparison, asked: number): Record<string, unknown> {
  if (asked === 0) return {};
  const {
    reviewed,
    changed,
    newlyRefused,
    newlyAllowed,
    newlyFailing,
    refused,
    failing,
    changes,
    namespaces,
  } = compared;
  const counts = { newlyRefused, newlyAllowed, newlyFailing };
  return {
    recentPods: reviewed,
    ...(reviewed < asked && { notReviewed: asked - reviewed }),
    changedPods: changed,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(refused.size > 0 && { refusedFor: describeCodes(refused) }),
    ...(failing.size > 0 && { failingFor: describeCodes(failing) }),
    ...(changes.length > 0 && { podChanges: changes }),
    ...(namespaces.length > 0 && { affected: namespaces }),
  };
}
