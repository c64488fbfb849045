/**
 * Base32 with Flyte's own alphabet and without padding, exactly as Go's `encoding/base32` reads it
 * (Flyte `flyteplugins/go/tasks/pluginmachinery/utils/secrets/marshaler.go`).
 */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz123456";
const INVALID = 255;
const SKIPPED = 254;

const VALUES = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES[0x0a] = SKIPPED;
VALUES[0x0d] = SKIPPED;

/** Bytes that Go decodes from an incomplete last group, by its number of characters; 1, 3 and 6 give none. */
const DANGLING_BYTES = [0, 0, 1, 0, 2, 3, 0, 4] as const;

/**
 * Decodes an annotation's value.
 *
 * As in Go, carriage returns and line feeds are skipped, non-zero trailing bits and dangling characters are ignored, and
 * `=` is invalid.
 *
 * @param room buffer to decode into if the result fits; the caller must use the result before it reuses the buffer
 * @returns the bytes, or the index of the first character outside the alphabet
 */
export function decodeBase32(text: string, room?: Uint8Array): Uint8Array | number {
  const most = Math.ceil((text.length * 5) / 8);
  const bytes = room && room.length >= most ? room : new Uint8Array(most);
  let size = 0;
  let buffer = 0;
  let bits = 0;
  let characters = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 256 ? (VALUES[code] as number) : INVALID;
    if (value === SKIPPED) continue;
    if (value === INVALID) return i;
    characters++;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[size++] = (buffer >> bits) & 0xff;
    }
  }
  const whole = Math.floor(characters / 8) * 5;
  return bytes.subarray(0, Math.min(size, whole + (DANGLING_BYTES[characters % 8] as number)));
}

/** @returns the base32 text of bytes, without padding */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}
