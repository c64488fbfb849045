/**
 * SHA-1 for stable ids (UUID version 5); nothing relies on it for security. The runtime's implementation is used if there is
 * one: in JavaScript, the hash takes as long as everything else that a new secret needs.
 */

type Hash = (bytes: Uint8Array) => string;

/** Implementations that a runtime may have. */
interface Runtime {
  readonly Bun?: { readonly SHA1?: { readonly hash: (bytes: Uint8Array, encoding: "hex") => string } };
  readonly process?: { readonly getBuiltinModule?: (name: "node:crypto") => NodeCrypto | undefined };
}

interface NodeCrypto {
  /** Node 21.7 and newer. */
  readonly hash?: (algorithm: "sha1", bytes: Uint8Array, encoding: "hex") => string;
}

/** @returns this runtime's fastest implementation; it returns 40 lower-case hexadecimal digits */
export function findSha1(runtime: Runtime = globalThis): Hash {
  const bun = runtime.Bun?.SHA1;
  if (bun) return (bytes) => bun.hash(bytes, "hex");
  const { hash } = runtime.process?.getBuiltinModule?.("node:crypto") ?? {};
  return hash ? (bytes) => hash("sha1", bytes, "hex") : hashSha1;
}

const BLOCK = 64;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

/** SHA-1 in JavaScript (RFC 3174, section 6.1), for runtimes without a synchronous implementation. */
export function hashSha1(bytes: Uint8Array): string {
  const padded = pad(bytes);
  const state = Uint32Array.from(START);
  const words = new Uint32Array(80);
  for (let at = 0; at < padded.byteLength; at += BLOCK) {
    for (let i = 0; i < 16; i++) words[i] = padded.getUint32(at + i * 4);
    for (let i = 16; i < 80; i++)
      words[i] = rotate(
        word(words, i - 3) ^ word(words, i - 8) ^ word(words, i - 14) ^ word(words, i - 16),
        1,
      );
    addBlock(state, words);
  }
  return [...state].map((part) => part.toString(16).padStart(8, "0")).join("");
}

/** The bytes, a one bit, zeros, and their length in bits, to whole blocks. */
function pad(bytes: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return view;
}

function addBlock(state: Uint32Array, words: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const [mixed, constant] = mix(i, b, c, d);
    const next = (rotate(a, 5) + mixed + e + constant + word(words, i)) >>> 0;
    [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
  }
  for (const [i, value] of [a, b, c, d, e].entries()) state[i] = word(state, i) + value;
}

/** The function and the constant of a round (RFC 3174, section 5). */
function mix(round: number, b: number, c: number, d: number): readonly [number, number] {
  if (round < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (round < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (round < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}
