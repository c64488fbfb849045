/**
 * Go structs as data. Decoding drops unknown fields, ignores the case of field names, and reports errors as encoding/json
 * does; encoding leaves out empty fields.
 */
import { type JsonNode, JsonScalar, toText } from "./go-json.ts";
import { readQuantity } from "./quantity.ts";

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

/** A decoded struct: the fields that were set, by Go's names. */
export type Decoded = Readonly<Record<string, unknown>>;

/** Decodes one value. As in Go, the first type mismatch is reported, and decoding continues. */
export class Decoder {
  /** Go's error message if the value does not fit the type. */
  error: string | undefined;
  #aborted = false;

  /**
   * @param value plain JSON, or a parsed node whose scalars have their original text
   * @returns the struct; complete only without `error`
   */
  decode(type: GoStruct, value: unknown): Decoded {
    const decoded = this.#decode(type, value, undefined, "");
    return isRecord(decoded) ? decoded : {};
  }

  #decode(type: GoType, value: unknown, within: GoStruct | undefined, path: string): unknown {
    if (this.#aborted || value === null || value === undefined) return undefined;
    const plain = value instanceof JsonScalar ? toScalar(value) : value;
    switch (type.kind) {
      case "any":
        return plain;
      case "quantity":
        return this.#decodeQuantity(plain);
      case "port":
        return this.#decodePort(plain, within, path);
      case "list":
        if (!Array.isArray(plain)) return this.#refuse(type, plain, within, path);
        return plain.map((item: unknown) => this.#decode(type.of, item, within, path) ?? zeroOf(type.of));
      case "map":
        return this.#decodeMap(type.of, plain, within, path) ?? this.#refuse(type, plain, within, path);
      case "struct":
        return this.#decodeStruct(type, plain, path) ?? this.#refuse(type, plain, within, path);
      default:
        return fits(type.kind, plain) ? toValue(plain) : this.#refuse(type, plain, within, path);
    }
  }

  #decodeMap(of: GoType, value: unknown, within: GoStruct | undefined, path: string): Decoded | undefined {
    const entries = toEntries(value);
    if (!entries) return undefined;
    const pairs = entries.map(
      ([key, item]) => [key, this.#decode(of, item, within, path) ?? zeroOf(of)] as const,
    );
    return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #decodeStruct(type: GoStruct, value: unknown, path: string): Decoded | undefined {
    const entries = toEntries(value);
    if (!entries) return undefined;
    const decoded: Record<string, unknown> = {};
    for (const [key, item] of entries) {
      const name = findField(type, key);
      const field = name === undefined ? undefined : type.fields[name];
      if (name === undefined || !field) continue;
      const steps = [path, field.embedded ?? "", name].filter((step) => step !== "");
      const found = this.#decode(field.type, item, type, steps.join("."));
      if (found !== undefined) decoded[name] = found;
    }
    return decoded;
  }

  /** In Go, a quantity has its own decoder, whose error ends the whole decoding. */
  #decodeQuantity(value: unknown): string | undefined {
    const text = value instanceof GoNumber ? value.text : typeof value === "object" ? "{" : String(value);
    const { text: canonical, error } = readQuantity(text.trim());
    if (error !== undefined) this.#abort(error);
    return canonical;
  }

  #decodePort(value: unknown, within: GoStruct | undefined, path: string): unknown {
    if (typeof value === "string" || fits("int32", value)) return toValue(value);
    this.error = undefined;
    this.#refuse(int32, value, within, path);
    this.#aborted = true;
    return undefined;
  }

  #abort(error: string): void {
    this.error = error;
    this.#aborted = true;
  }

  #refuse(type: GoType, value: unknown, within: GoStruct | undefined, path: string): undefined {
    const isNumber = type.kind === "int32" || type.kind === "int64";
    const found = describe(value) + (isNumber && value instanceof GoNumber ? ` ${value.text}` : "");
    const place = within ? `Go struct field ${within.name}.${path}` : "Go value";
    this.error ??= `json: cannot unmarshal ${found} into ${place} of type ${type.go}`;
    return undefined;
  }
}

/** A number with its original text. */
class GoNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function toScalar({ raw }: JsonScalar): unknown {
  if (raw.startsWith('"')) return toText(raw);
  return raw === "true" || raw === "false" ? raw === "true" : new GoNumber(raw);
}

function toValue(value: unknown): unknown {
  return value instanceof GoNumber ? Number(value.text) : value;
}

function fits(kind: "text" | "bool" | "int32" | "int64", value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "bool") return typeof value === "boolean";
  const text = value instanceof GoNumber ? value.text : typeof value === "number" ? String(value) : "";
  if (!/^-?\d{1,20}$/.test(text)) return false;
  const bits = kind === "int32" ? 32 : 64;
  return BigInt.asIntN(bits, BigInt(text)) === BigInt(text);
}

function describe(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return typeof value;
  if (typeof value === "boolean") return "bool";
  if (value instanceof GoNumber) return "number";
  return Array.isArray(value) ? "array" : "object";
}

function toEntries(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...(value as ReadonlyMap<string, JsonNode>)];
  if (!isRecord(value) || value instanceof GoNumber || Array.isArray(value)) return undefined;
  return Object.entries(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function findField(type: GoStruct, key: string): string | undefined {
  if (Object.hasOwn(type.fields, key)) return key;
  const folded = key.toLowerCase();
  return Object.keys(type.fields).find((name) => name.toLowerCase() === folded);
}

function zeroOf(type: GoType): unknown {
  switch (type.kind) {
    case "text":
      return "";
    case "quantity":
      return "0";
    case "bool":
      return false;
    case "struct":
      return {};
    case "int32":
    case "int64":
    case "port":
      return 0;
    default:
      return null;
  }
}

/** @returns a decoded struct as Go writes it: fields in their order, empty ones left out */
export function encode(type: GoStruct, value: Decoded): Decoded {
  const encoded: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const own = value[name];
    // In Go, a struct never counts as empty.
    const isStruct = field.type.kind === "struct" && field.write !== "pointer";
    const isWritten = field.write === "always" || field.write === "null";
    if (own === undefined && !isStruct && !isWritten) continue;
    const found = own ?? (field.write === "null" ? null : zeroOf(field.type));
    if (field.write === "omit" && isEmpty(found) && !isStruct) continue;
    encoded[name] = encodeValue(field.type, found);
  }
  return encoded;
}

function encodeValue(type: GoType, value: unknown): unknown {
  if (type.kind === "struct") return encode(type, isRecord(value) ? value : {});
  if (type.kind === "list" && Array.isArray(value))
    return value.map((item: unknown) => encodeValue(type.of, item));
  return value;
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === 0 || value === false || value === null) return true;
  return isRecord(value) && Object.keys(value).length === 0;
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
