/** `GET /`: the page that shows previews, as one document that a browser keeps until it changes. */
import { httpIssues } from "../../core/issue/http.ts";
import type { Handler, RouteContext } from "../options.ts";
import { respondProblem } from "../problem.ts";

/** Creates the handler; nothing where the app has no page, or where previews are switched off. */
export function createPage({ options: { loadPage, preview } }: RouteContext): Handler | undefined {
  if (!loadPage || preview?.enabled === false) return undefined;
  return async (c) => {
    const page = await loadPage();
    if (!page) return respondProblem(c, 404, httpIssues["http.page-missing"]({}));
    const isZipped = acceptsGzip(c.req.header("accept-encoding"));
    // The two encodings are two representations, and each needs a tag of its own (RFC 9110 section 8.8.3.3).
    const etag = `"${page.digest}${isZipped ? "-gzip" : ""}"`;
    // A browser puts the headers of a 304 in place of those that it kept (RFC 9111, section 4.3.4): the policy, too.
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
