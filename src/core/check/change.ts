/**
 * The input of the rules: the final annotations, and the pod, which has not been validated. A field of the wrong type counts
 * as absent here; the API server refuses it later.
 */

import {
  type InjectorSettings as FlagSettings,
  type InjectorFlags,
  toSettings,
} from "../../injector/flags.ts";
import { parseGoBool } from "../../injector/go.ts";
import type { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import type { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import { isObject } from "../json.ts";

/** The parts of a pod that rules read, not validated. */
interface PodView {
  readonly metadata?: unknown;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Final annotations of a pod, from all sources. */
export type Annotations = IndexedAnnotations;

/** A pod under review. */
export interface CheckedPod {
  readonly pod: PodView;
  readonly namespace: string;
  /** Whether the pod comes from a file, so that it lacks what the API server fills in. */
  readonly isPreview?: boolean;
}

/** Checks one pod and reports its issues; must be linear in the size of the pod. */
export type PodCheck = (pod: CheckedPod, found: Findings) => void;

/**
 * A rule about the finished change. It runs once for annotations that many pods share.
 *
 * @returns the check to run for each of these pods; `undefined` if none can have an issue
 */
export type Rule = (annotations: Annotations, options: InjectorOptions) => PodCheck | undefined;

/** The injector's options, as rules read them. */
export interface InjectorOptions {
  readonly flags: InjectorFlags;
  /** The flags, completed by defaults. */
  readonly settings: FlagSettings;
}

/** @returns the injector's options for rules */
export function toOptions(flags: InjectorFlags): InjectorOptions {
  return { flags, settings: toSettings(flags) };
}

/** @returns a check that reports the same issues for every pod; `undefined` if there are none */
export function always(issues: readonly Issue[]): PodCheck | undefined {
  return issues.length === 0 ? undefined : (_, found) => found.addAll(issues);
}

const NO_ITEMS: readonly unknown[] = [];

/**
 * Reads a field of an unvalidated value.
 *
 * @param name name of a Kubernetes field, never one that all JavaScript objects inherit
 * @returns the field's value, or `undefined` if the value is not an object
 */
export function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** @returns the items of a list field; empty if it is absent or not a list */
export function items(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : NO_ITEMS;
}

/** @returns the value of a string field; empty if it is absent or not a string */
export function textOf(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

/** @returns whether a list field has an item with this name */
export function hasNamed(value: unknown, list: string, name: string): boolean {
  for (const item of items(value, list)) if (field(item, "name") === name) return true;
  return false;
}

/** @returns an annotation's value, parsed as the injector parses booleans; the fallback if it is absent or invalid */
export function isOn(annotations: Annotations, key: string, fallback: boolean): boolean {
  const value = annotations.get(key);
  return value === undefined ? fallback : (parseGoBool(value) ?? fallback);
}

const PRE_POPULATE = vaultKey("agent-pre-populate");
const PRE_POPULATE_ONLY = vaultKey("agent-pre-populate-only");

/** @returns whether the injector adds the init container `vault-agent-init` */
export function hasInitAgent(annotations: Annotations): boolean {
  return isOn(annotations, PRE_POPULATE, true);
}

/** @returns whether the injector adds the sidecar `vault-agent` */
export function hasSidecar(annotations: Annotations): boolean {
  const only = annotations.get(PRE_POPULATE_ONLY);
  // The injector refuses a pod whose value is not a boolean, so its containers do not matter.
  return only === undefined || parseGoBool(only) === false;
}
