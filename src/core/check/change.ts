/**
 * What the rules look at: the finished change, and the pod read without trust. A field of another type than
 * Kubernetes' counts as absent here, since the API server checks it.
 */
import { isObject } from "../admission/request.ts";
import type { Issue } from "../issue/issue.ts";
import { parseGoBool } from "../vault/go.ts";
import { vaultKey } from "../vault/vocabulary.ts";

/** The parts of a pod that rules read; anything may stand in them. */
export interface PodView {
  readonly metadata?: unknown;
  readonly spec?: unknown;
}

/** A change as it will be made. */
export interface FinishedChange {
  readonly pod: PodView;
  readonly namespace: string;
  /** Final annotations of the pod, whoever set them. */
  readonly annotations: ReadonlyMap<string, string>;
  /** Whether the pod carries the label that sends it to the webhook. */
  readonly hasLabel: boolean;
}

/** A rule on the finished change: it adds what it finds. */
export type Rule = (change: FinishedChange, found: Issue[]) => void;

const NO_ITEMS: readonly unknown[] = [];

/** @returns the field of an object, or `undefined` where there is no such object */
export function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
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
  return items(value, list).some((item) => field(item, "name") === name);
}

/** @returns an annotation's value as the injector's boolean; the fallback where it is absent or unreadable */
export function isOn({ annotations }: FinishedChange, key: string, fallback: boolean): boolean {
  const value = annotations.get(key);
  return value === undefined ? fallback : (parseGoBool(value) ?? fallback);
}

const PRE_POPULATE = vaultKey("agent-pre-populate");
const PRE_POPULATE_ONLY = vaultKey("agent-pre-populate-only");

/** @returns whether the injector adds the init container `vault-agent-init` */
export function hasInitAgent(change: FinishedChange): boolean {
  return isOn(change, PRE_POPULATE, true);
}

/** @returns whether the injector adds the sidecar `vault-agent` */
export function hasSidecar(change: FinishedChange): boolean {
  return !isOn(change, PRE_POPULATE_ONLY, false);
}
