/**
 * Flyte's codec of secret requests: annotation value ⇄ request, base32 over protobuf text format
 * (Flyte `pluginmachinery/utils/secrets/marshaler.go`).
 */
import { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import type { Ports } from "../ports.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { parseCanonical } from "./canonical.ts";
import { mountRequirementName, REQUEST_PREFIX, type SecretRequest } from "./request.ts";
import { parseText } from "./text.ts";

/**
 * Decodes the value of one `flyte.secrets/s*` annotation.
 *
 * @param value base32 over protobuf text format
 * @param annotation key of the annotation, for messages
 * @returns the request, or the issue that explains why the value cannot be decoded
 */
export function decodeRequest(
  value: string,
  annotation: string,
  decodeUtf8: Ports["decodeUtf8"],
): SecretRequest | Issue {
  const found = new Findings();
  const request = readRequest(value, annotation, decodeUtf8, found);
  if (request) return request;
  const [issue] = found.list();
  if (!issue) throw new Error(`${annotation} was not decoded, but no issue was reported`);
  return issue;
}

/** Buffer for the bytes of one value, reused for all: allocating one for each would take longer than decoding it. */
const ROOM = new Uint8Array(1_024);

/**
 * Decodes a request as {@link decodeRequest} does, without creating an issue object that may not be needed.
 *
 * @param found receives the issue if the value cannot be decoded
 * @returns the request, or `undefined` if it cannot be decoded
 */
export function readRequest(
  value: string,
  annotation: string,
  decodeUtf8: Ports["decodeUtf8"],
  found: Findings,
): SecretRequest | undefined {
  const bytes = decodeBase32(value, ROOM);
  if (typeof bytes === "number") {
    found.report(secretIssues["secret.base32"], { annotation, value, index: bytes }, { annotation });
    return undefined;
  }
  const text = decodeUtf8(bytes);
  const request = text === undefined ? undefined : parseCanonical(text);
  return request ?? decodeText(bytes, annotation, decodeUtf8, found);
}

/**
 * Encodes a request as Flyte's Go code does: fields in the order of their numbers, default values left out.
 *
 * @param request its mount requirement must be one that Flyte names
 * @returns the annotation's value
 */
export function encodeRequest(request: SecretRequest, encodeUtf8: Ports["encodeUtf8"]): string {
  const line = (name: string, value: string) => (value === "" ? "" : `${name}: ${value}\n`);
  const text = (value: string) => (value === "" ? "" : `"${escapeBytes(encodeUtf8(value))}"`);
  const mount = request.mount_requirement === 0 ? "" : mountRequirementName(request.mount_requirement);
  return encodeBase32(
    toBytes(
      line("group", text(request.group)) +
        line("group_version", text(request.group_version)) +
        line("key", text(request.key)) +
        line("mount_requirement", mount) +
        line("env_var", text(request.env_var)),
    ),
  );
}

/** @returns annotations `flyte.secrets/s0`, `s1`, … for the requests, in order */
export function encodeRequests(
  requests: readonly SecretRequest[],
  encodeUtf8: Ports["encodeUtf8"],
): Record<string, string> {
  return Object.fromEntries(
    requests.map((request, index) => [`${REQUEST_PREFIX}${index}`, encodeRequest(request, encodeUtf8)]),
  );
}

const LONGEST_NUMBER = 9;

/**
 * Compares the keys of request annotations: decimal suffixes by number (ties by text), then all others by bytes. Flyte
 * iterates over a Go map, so its order is random; a fixed order makes patches reproducible.
 */
export function compareRequestKeys(left: string, right: string): number {
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a !== b) return a < 0 ? 1 : b < 0 ? -1 : a - b;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @returns the keys in the order of {@link compareRequestKeys}; parses each key once, and returns a sorted list as it is */
export function sortRequestKeys(keys: readonly string[]): readonly string[] {
  const read = keys.map((key) => ({ key, number: toNumber(key) }));
  if (read.every(({ number }, i) => number >= 0 && number > (read[i - 1]?.number ?? -1))) return keys;
  const named = read.flatMap(({ key, number }) => (number < 0 ? [key] : []));
  const numbered = read.filter(({ number }) => number >= 0);
  numbered.sort((a, b) => a.number - b.number || (a.key < b.key ? -1 : 1));
  return [...numbered.map(({ key }) => key), ...named.sort()];
}

/** @returns the number after the prefix; -1 if there is none */
function toNumber(key: string): number {
  const digits = key.length - REQUEST_PREFIX.length;
  if (digits === 0 || digits > LONGEST_NUMBER) return -1;
  let number = 0;
  for (let i = REQUEST_PREFIX.length; i < key.length; i++) {
    const digit = key.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Decodes any text that Go's parser accepts. */
function decodeText(
  text: Uint8Array,
  annotation: string,
  decodeUtf8: Ports["decodeUtf8"],
  found: Findings,
): SecretRequest | undefined {
  const where = { annotation };
  const fields = parseText(toBinaryString(text), (bytes) => decodeUtf8(toBytes(bytes)) !== undefined);
  if ("reason" in fields) {
    found.report(secretIssues["secret.text"], { annotation, reason: fields.reason }, where);
    return undefined;
  }
  const request = { group: "", group_version: "", key: "", env_var: "" };
  for (const field of ["group", "group_version", "key", "env_var"] as const) {
    const decoded = decodeField(fields[field] ?? "", decodeUtf8);
    if (decoded === undefined) {
      found.report(secretIssues["secret.utf8"], { annotation, field }, where);
      return undefined;
    }
    request[field] = decoded;
  }
  return { ...request, mount_requirement: fields.mount_requirement ?? 0 };
}

function decodeField(bytes: string, decodeUtf8: Ports["decodeUtf8"]): string | undefined {
  return isAscii(bytes) ? bytes : decodeUtf8(toBytes(bytes));
}

function isAscii(bytes: string): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Number of arguments that every JavaScript engine accepts in one call. */
const CHUNK = 8192;

/** @returns a string with one character per byte, the parser's input */
function toBinaryString(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(start, start + CHUNK));
  }
  return text;
}

function toBytes(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const ESCAPES: Readonly<Record<number, string>> = {
  10: "\\n",
  13: "\\r",
  9: "\\t",
  34: '\\"',
  92: "\\\\",
};

/** Escapes as Go's text writer does: all bytes but printable ASCII as three octal digits. */
function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return text;
}
