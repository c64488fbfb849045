/** Checks the host that a request names: whether it is valid, and whether DNS rebinding may have produced it. */

/**
 * Scheme, host and port of a request's URL. With an invalid `Host` header, Bun provides a relative URL (`/mutate`) or one that
 * cannot be parsed; Node and Deno refuse most such requests themselves.
 */
const AUTHORITY = /^https?:\/\/(\[[\da-f:.]+\]|[\w.-]+)(?::\d{0,5})?(?=[/?#]|$)/i;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** @returns whether the URL of a request has a valid host; if not, answer 400 (RFC 9112, section 3.2) */
export function hasHost(url: string): boolean {
  return AUTHORITY.test(url);
}

/**
 * Creates a check against DNS rebinding. If an attacker's domain resolves to this machine, a page of that domain could read
 * the answers, but its requests still carry the domain's name.
 *
 * @param names host names that are accepted besides loopback names and IP addresses, in any case
 * @returns whether a request's URL names an accepted host
 */
export function createHostCheck(names: readonly string[]): (url: string) => boolean {
  const accepted = new Set(names.map(normalize));
  return (url) => {
    const host = normalize(AUTHORITY.exec(url)?.[1] ?? "");
    // `localhost` and its subdomains always resolve to loopback (RFC 6761, section 6.3), and an address needs no DNS.
    const isLoopback = host === "localhost" || host.endsWith(".localhost");
    return isLoopback || host.startsWith("[") || IPV4.test(host) || accepted.has(host);
  };
}

/** A final dot marks a name as complete and does not change it. */
function normalize(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
