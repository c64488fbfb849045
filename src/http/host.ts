/** The host that a request names: whether it is one at all, and whether a browser page may have been tricked into naming it. */

/**
 * Scheme, host and port of a request's URL. An invalid `Host` header leaves no absolute URL on Bun (it is `/mutate`), or one
 * that no parser takes; Node and Deno refuse most such requests themselves.
 */
const AUTHORITY = /^https?:\/\/(\[[\da-f:.]+\]|[\w.-]+)(?::\d{0,5})?(?=[/?#]|$)/i;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** @returns whether the URL of a request has a valid host (RFC 9112, section 3.2: others are answered with 400). */
export function hasHost(url: string): boolean {
  return AUTHORITY.test(url);
}

/**
 * Creates a check against DNS rebinding: a page of a foreign site whose name suddenly resolves to this machine can read our
 * answers, but its requests still carry the site's name.
 *
 * @param names host names that are accepted besides loopback names and IP addresses, in any case
 * @returns whether a request's URL names an accepted host
 */
export function createHostCheck(names: readonly string[]): (url: string) => boolean {
  const accepted = new Set(names.map(normalize));
  return (url) => {
    const host = normalize(AUTHORITY.exec(url)?.[1] ?? "");
    // `localhost` and names below it always resolve to loopback (RFC 6761, section 6.3); an address is no name to rebind.
    const isLoopback = host === "localhost" || host.endsWith(".localhost");
    return isLoopback || host.startsWith("[") || IPV4.test(host) || accepted.has(host);
  };
}

/** A final dot marks a name as complete and does not change it. */
function normalize(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
