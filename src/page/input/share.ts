/** A link that carries what was typed in its fragment, which browsers do not send to any server. */
import * as v from "valibot";
import { EMPTY_INPUTS, type Inputs } from "./inputs.ts";

const Text = v.optional(v.string(), "");
const Shared = v.object({
  pod: Text,
  secrets: Text,
  config: Text,
  subject: v.optional(v.picklist(["pod", "secrets"]), EMPTY_INPUTS.subject),
  whatIf: v.optional(
    v.object({ namespace: Text, project: Text, domain: Text, serviceAccount: Text }),
    EMPTY_INPUTS.whatIf,
  ),
  flyte: v.optional(v.picklist(["v1", "v2"]), EMPTY_INPUTS.flyte),
});

const PREFIX = "#s=";
/** A small fragment can decompress to a text that exhausts the memory, so at most twice the longest input is read. */
const LONGEST_BYTES = 3 * 1024 * 1024;

/** @returns a fragment, with its `#`, that {@link decodeShare} reads; without the parts that are empty */
export async function encodeShare(inputs: Inputs): Promise<string> {
  const kept = Object.entries(inputs).filter(([, value]) => value !== "");
  const bytes = new TextEncoder().encode(JSON.stringify(Object.fromEntries(kept)));
  const packed = await pump(new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw")));
  return PREFIX + toBase64Url(packed ?? new Uint8Array());
}

/**
 * Reads a fragment.
 *
 * @param fragment with its `#`
 * @returns what was typed, or `undefined` where the fragment is none of ours, damaged, or too long
 */
export async function decodeShare(fragment: string): Promise<Inputs | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    const packed = fromBase64Url(fragment.slice(PREFIX.length));
    const bytes = await pump(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")));
    if (!bytes) return undefined;
    const parsed = v.safeParse(Shared, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Links are cut by mail programs and mistyped by people.
    return undefined;
  }
}

/** @returns all bytes of a stream, or `undefined` where there are too many */
async function pump(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > LONGEST_BYTES) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
