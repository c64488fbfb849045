/** Reads the body of a request up to a limit. Hono's `bodyLimit` creates a new `Request`, which fails for chunked bodies on Node and Deno. */

/**
 * Reads a body as text.
 *
 * The API server always sends a Content-Length; only a body without one is counted while it is read.
 *
 * @param limit bytes
 * @returns `undefined` if the body is longer than the limit
 */
export function readText(request: Request, limit: number): Promise<string | undefined> {
  const length = readLength(request);
  if (length !== undefined) return length > limit ? TOO_LONG : request.text();
  return countBytes(request, limit).then((bytes) => bytes && decoder.decode(bytes));
}

/** Reads a body as bytes; otherwise like {@link readText}. */
export function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = readLength(request);
  if (length === undefined) return countBytes(request, limit);
  return length > limit ? TOO_LONG : request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
}

const TOO_LONG = Promise.resolve(undefined);
const decoder = new TextDecoder();

function readLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("transfer-encoding") ? undefined : Number(length);
}

async function countBytes({ body }: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > limit) {
      await reader.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
  return concatenate(parts, size);
}

function concatenate(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
