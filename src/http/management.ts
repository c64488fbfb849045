/** What every answer of the management surface carries. */
import type { MiddlewareHandler } from "hono";

/** For every answer but the page, which says itself what it runs and how long it may be kept. */
const DEFAULTS = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  // Previews show where secrets lie.
  "cache-control": "no-store",
};

const HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** What a request may bring as its id: whatever else would be pasted into logs. */
const REQUEST_ID = /^[\w.-]{1,64}$/;

/**
 * Adds the security headers, and the request's id: the one it came with, or a new one. There are no CORS headers, so that
 * browsers keep other sites' scripts from reading answers.
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
