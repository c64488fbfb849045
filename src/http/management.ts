/** Headers of every response of the management surface. */
import type { MiddlewareHandler } from "hono";

/** Defaults; the page sets these headers itself. */
const DEFAULTS = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  // Previews contain Vault paths.
  "cache-control": "no-store",
};

const HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** Accepted request ids; anything else could forge lines where the id is logged. */
const REQUEST_ID = /^[\w.-]{1,64}$/;

/**
 * Adds security headers and a request id: the client's, or a new one. Without CORS headers, browsers do not let scripts of
 * other sites read the responses.
 */
export const secureAnswers: MiddlewareHandler = async (c, next) => {
  const given = c.req.header("x-request-id") ?? "";
  const id = REQUEST_ID.test(given) ? given : crypto.randomUUID();
  await next();
  c.res.headers.set("x-request-id", id);
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
};
