/** Go structs as data: the types of values, and the fields of a struct in Go's order. go-codec.ts reads and writes them. */

/** Type of a value in a Go struct; `go` is its name in error messages. */
export type GoType =
  | { readonly kind: "text" | "bool" | "int32" | "int64" | "quantity" | "port" | "any"; readonly go: string }
  | { readonly kind: "list" | "map"; readonly go: string; readonly of: GoType }
  | GoStruct;

/** A struct with its fields in Go's order. */
export interface GoStruct {
  readonly kind: "struct";
  readonly go: string;
  /** Name in messages about a field. */
  readonly name: string;
  readonly fields: Readonly<Record<string, GoField>>;
}

/** A field of a struct. */
export interface GoField {
  readonly type: GoType;
  /**
   * When the field is written: `always`, even if empty; `null`: always, as null if it was not set; `pointer`: if it was set;
   * `omit`: unless it is empty.
   */
  readonly write: "always" | "null" | "pointer" | "omit";
  /** Name of the embedded struct that has the field, for error messages. */
  readonly embedded?: string;
}

/** @returns a struct of Kubernetes' core/v1 */
export function struct(name: string, fields: Readonly<Record<string, GoField>>): GoStruct {
  return { kind: "struct", go: `v1.${name}`, name, fields };
}

/** @returns a list of values */
export function list(of: GoType): GoType {
  return { kind: "list", go: `[]${of.go}`, of };
}

/** @returns a field that is left out when empty */
export function omit(type: GoType): GoField {
  return { type, write: "omit" };
}

/** @returns a field that is written even when empty */
export function always(type: GoType): GoField {
  return { type, write: "always" };
}

/** @returns a field that is written as null if it was not set */
export function nullable(type: GoType): GoField {
  return { type, write: "null" };
}

/** @returns a field that is written if it was set, even to an empty value */
export function pointer(type: GoType): GoField {
  return { type, write: "pointer" };
}

/** @returns a field of an embedded struct */
export function embedded(name: string, field: GoField): GoField {
  return { ...field, embedded: name };
}

/** A string. */
export const text: GoType = { kind: "text", go: "string" };
/** A boolean. */
export const bool: GoType = { kind: "bool", go: "bool" };
/** An integer of 32 bits. */
export const int32: GoType = { kind: "int32", go: "int32" };
/** An integer of 64 bits. */
export const int64: GoType = { kind: "int64", go: "int64" };
/** A Kubernetes quantity, such as 64Mi. */
export const quantity: GoType = { kind: "quantity", go: "resource.Quantity" };
/** A port: a number or a name. */
export const port: GoType = { kind: "port", go: "intstr.IntOrString" };

/** @returns a string type of core/v1 with this name */
export function named(name: string): GoType {
  return { kind: "text", go: `v1.${name}` };
}

/** @returns a map from strings to values; `go` is its name in error messages */
export function map(of: GoType, go = `map[string]${of.go}`): GoType {
  return { kind: "map", go, of };
}
