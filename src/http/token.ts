/** The bearer token of a request (RFC 6750, section 2.1). */

/**
 * Compares a request's token with the expected one.
 *
 * @param authorization the header; absent if the request has none
 */
export async function isBearer(authorization: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const [a, b] = await Promise.all([digest(given), digest(token)]);
  // Constant time, so that the duration reveals nothing about the token.
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
