/**
 * What the rules look at: the final annotations, and the pod read without trust. A field of another type than
 * Kubernetes' counts as absent here, since the API server checks it.
 */

import {
  type InjectorSettings as FlagSettings,
  type InjectorFlags,
  toSettings,
} from "../../injector/flags.ts";
import { parseGoBool } from "../../injector/go.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import type { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import { isObject } from "../json.ts";

/** The parts of a pod that rules read; anything may stand in them. */
interface PodView {
  readonly metadata?: unknown;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Final annotations of a pod, whoever set them. */
export type Annotations = ReadonlyMap<string, string>;

/** A pod that will have them. */
export interface CheckedPod {
  readonly pod: PodView;
  readonly namespace: string;
  /** Whether the pod has not been through the API server, which adds to it. */
  readonly isPreview?: boolean;
}

/** Looks at one pod, once over each of its lists, and adds what it finds. */
export type PodCheck = (pod: CheckedPod, found: Findings) => void;

/**
 * A rule on the finished change. It reads the annotations, which many pods share, once for all of them.
 *
 * @returns what there is to be looked at in each pod; nothing where no pod could be wrong
 */
export type Rule = (annotations: Annotations, options: InjectorOptions) => PodCheck | undefined;

/** What the injector was started with, as rules read it. */
export interface InjectorOptions {
  readonly flags: InjectorFlags;
  /** The same with the defaults. */
  readonly settings: FlagSettings;
}

/** @returns the injector's options for rules. */
export function toOptions(flags: InjectorFlags): InjectorOptions {
  return { flags, settings: toSettings(flags) };
}

/** @returns the check of a rule that looks at the annotations only; nothing where they are fine */
export function always(issues: readonly Issue[]): PodCheck | undefined {
  return issues.length === 0 ? undefined : (_, found) => found.addAll(issues);
}

const NO_ITEMS: readonly unknown[] = [];

/**
 * @param name a field of Kubernetes' types, so none that every JavaScript object has
 * @returns the field of an object, or `undefined` where there is no such object
 */
export function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** @returns the items of a list field, none where there is no such list */
export function items(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : NO_ITEMS;
}

/** @returns the text of a field, empty where there is none */
export function textOf(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

/** @returns whether a list field has an item with this name */
export function hasNamed(value: unknown, list: string, name: string): boolean {
  for (const item of items(value, list)) if (field(item, "name") === name) return true;
  return false;
}

/** @returns an annotation's value as the injector's boolean; the fallback where it is absent or unreadable */
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
  // With a value that is no boolean there will be no pod, and nothing to be said of its containers.
  return only === undefined || parseGoBool(only) === false;
}
