/** `GET /`: the page for previews, one HTML document that a browser caches until it changes. */
import { httpIssues } from "../../core/issue/http.ts";
import type { Handler, RouteContext } from "../options.ts";
import { respondProblem } from "../problem.ts";

/** @returns the handler; absent if the app has no page or previews are disabled */
export function createPage({ options: { loadPage, preview } }: RouteContext): Handler | undefined {
  if (!loadPage || preview?.enabled === false) return undefined;
  return async (c) => {
    const page = await loadPage();
    if (!page) return respondProblem(c, 404, httpIssues["http.page-missing"]({}));
    const isZipped = acceptsGzip(c.req.header("accept-encoding"));
    // The two encodings are different representations and need different tags (RFC 9110, section 8.8.3.3).
    const etag = `"${page.digest}${isZipped ? "-gzip" : ""}"`;
    // A browser replaces cached headers by those of a 304 (RFC 9111, section 4.3.4), so a 304 carries the policy, too.
    const headers = {
      etag,
      vary: "accept-encoding",
      "cache-control": "no-cache",
      "content-security-policy": page.policy,
    };
    if (isUnchanged(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
    return c.body(isZipped ? page.gzip : page.html, 200, {
      ...headers,
      "content-type": "text/html; charset=utf-8",
      ...(isZipped && { "content-encoding": "gzip" }),
    });
  };
}

/** RFC 9110 section 12.5.3: `q=0` means "not this one". */
function acceptsGzip(header = ""): boolean {
  return header.split(",").some((coding) => {
    const [name = "", ...parameters] = coding.split(";").map((part) => part.trim().toLowerCase());
    return (name === "gzip" || name === "*") && !parameters.some((part) => /^q=0(\.0*)?$/.test(part));
  });
}

/** RFC 9110 section 13.1.2: the comparison is weak. */
function isUnchanged(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
