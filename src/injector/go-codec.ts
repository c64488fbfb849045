/**
 * Decodes and encodes Go structs as encoding/json does. Decoding drops unknown fields, ignores the case of field names, and
 * reports errors in Go's words; encoding leaves out empty fields.
 */
import { type JsonNode, JsonScalar, toText } from "./go-json.ts";
import { type GoStruct, type GoType, int32 } from "./go-struct.ts";
import { readQuantity } from "./quantity.ts";

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
