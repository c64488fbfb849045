/** Reads the kind and name of a Kubernetes object. */
import { isObject, type JsonObject } from "../../core/json.ts";

/** Kind and name of an object, for messages. */
export interface KindFacts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** @returns apiVersion, kind and name of an object; empty texts for absent ones */
export function identify(object: JsonObject): KindFacts {
  return {
    apiVersion: readText(object, "apiVersion"),
    kind: readText(object, "kind"),
    name: nameOf(object, "").name,
  };
}

/**
 * Reads name and namespace of an object.
 *
 * @param fallback namespace for objects that name none
 * @returns the name, or else `generateName`, and the namespace
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

/** @returns a string member of an object; empty if it is absent or not a string */
export function readText(object: unknown, key: string): string {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" ? value : "";
}
