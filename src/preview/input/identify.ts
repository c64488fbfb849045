/** What a Kubernetes object says it is. */
import { isObject, type JsonObject } from "../../core/json.ts";

/** Kind and name of an object, for messages. */
export interface KindFacts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** @returns what an object says it is, empty where it does not. */
export function identify(object: JsonObject): KindFacts {
  return {
    apiVersion: readText(object, "apiVersion"),
    kind: readText(object, "kind"),
    name: nameOf(object, "").name,
  };
}

/**
 * @param fallback namespace of objects that name none
 * @returns name, or what it will begin with, and namespace
 */
export function nameOf(
  { metadata }: JsonObject,
  fallback: string,
): { readonly name: string; readonly namespace: string } {
  return {
    name: readText(metadata, "name") || readText(metadata, "generateName"),
    namespace: readText(metadata, "namespace") || fallback,
  };
}

/** @returns a text of an object, empty where there is none. */
export function readText(object: unknown, key: string): string {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" ? value : "";
}
