/** Reads the end of a certificate's validity without an X.509 library, whose loading would take a fifth of the server's start. */

/** What a certificate's elements are (X.690, section 8.1; RFC 5280, section 4.1). */
const TAG = { sequence: 0x30, version: 0xa0, utcTime: 0x17, generalizedTime: 0x18 } as const;

/** An element of DER, as its tag and the positions of its content. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `notAfter` of the first certificate in a text.
 *
 * @param pem certificates; what else is in them is not checked
 * @returns milliseconds since the epoch; absent if it cannot be read
 */
export function readNotAfter(pem: string): number | undefined {
  const text = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/.exec(pem)?.[1];
  const bytes = text === undefined ? undefined : decodeBase64(text);
  const certificate = bytes && readElement(bytes, 0);
  const signed = certificate && readElement(bytes, certificate.start);
  if (!signed || signed.tag !== TAG.sequence) return undefined;
  // Version, which only certificates of version 1 do not have, serial number, signature algorithm, issuer, validity.
  let element = readElement(bytes, signed.start);
  if (element?.tag === TAG.version) element = readElement(bytes, element.end);
  for (let i = 0; i < 3; i++) element = element && readElement(bytes, element.end);
  if (element?.tag !== TAG.sequence) return undefined;
  const notBefore = readElement(bytes, element.start);
  const notAfter = notBefore && readElement(bytes, notBefore.end);
  return notAfter && notAfter.end === element.end ? readTime(bytes, notAfter) : undefined;
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** @returns absent if it does not end within the bytes */
function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  // Above 127, the lower bits say how many bytes the length has.
  const count = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + count;
  const length =
    count === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = start + length;
  return end <= bytes.length ? { tag, start, end } : undefined;
}

/** `YYMMDDHHMMSSZ` or, from 2050 on, `YYYYMMDDHHMMSSZ` (RFC 5280, section 4.1.2.5). */
function readTime(bytes: Uint8Array, { tag, start, end }: Element): number | undefined {
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const digits = tag === TAG.utcTime ? `${text < "50" ? "20" : "19"}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (!match || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
