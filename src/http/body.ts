/** The body of a request, within a limit. */

/**
 * Reads a body as text.
 *
 * Kubernetes' API server always says how long its body is, so that only a body without a length has to be counted.
 *
 * @param limit bytes
 * @returns `undefined` where the body is longer than the limit
 */
export function readText(request: Request, limit: number): Promise<string | undefined> {
  const { headers } = request;
  const length = headers.get("content-length");
  if (length === null || headers.has("transfer-encoding")) return countText(request, limit);
  return Number(length) > limit ? TOO_LONG : request.text();
}

const TOO_LONG = Promise.resolve(undefined);

async function countText({ body }: Request, limit: number): Promise<string | undefined> {
  if (!body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > limit) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
