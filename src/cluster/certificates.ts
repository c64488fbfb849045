/** Makes a handshake with each endpoint of a webhook, to see what the API server would. */
import { isObject } from "../core/json.ts";
import type { ClusterFacts } from "../diagnose/doctor-facts.ts";
import { type ServerFault, toList } from "../diagnose/evidence.ts";
import type { RegisteredWebhook } from "../diagnose/registration.ts";
import { readText } from "../preview/input/identify.ts";
import { withForward } from "./forward.ts";
import type { KubectlOptions } from "./kubectl.ts";
import { type ProbeOptions, probeServer } from "./probe.ts";
import { readList, toReason } from "./read.ts";

/** kubectl's arguments that select the cluster, and its environment. */
type ClusterOptions = KubectlOptions & { readonly args: readonly string[] };

/** What to forward to. */
interface Endpoint {
  /** `pod/NAME` or `service/NAME`. */
  readonly target: string;
  readonly port: number;
}

/** Most endpoints of one webhook that are looked at. */
const MOST_ENDPOINTS = 10;

/**
 * @returns a result for each endpoint of a webhook's Service, or one for its URL: the certificate, that nothing answers, or why
 *   it could not be looked at
 */
export async function readCertificates(
  webhook: RegisteredWebhook,
  options: ClusterOptions,
): Promise<ClusterFacts["certificates"]> {
  const { registration, service, target } = webhook;
  const ca = Buffer.from(webhook.caBundle, "base64").toString("utf8");
  if (!service) return [toCertificate(registration, target, await probeServer({ ...toAddress(target), ca }))];
  const endpoints = await findEndpoints(service, options);
  if (endpoints.length === 0)
    return [toCertificate(registration, target, "its Service has no endpoint that is ready")];
  const serverName = `${service.name}.${service.namespace}.svc`;
  return Promise.all(
    endpoints.slice(0, MOST_ENDPOINTS).map(async ({ target: to, port }) => {
      const at = `${service.namespace}/${to.replace(/^[a-z]+\//, "")}:${port}`;
      const seen = await withForward(to, service.namespace, port, options.args, options, (local) =>
        probeServer({ host: "127.0.0.1", port: local, serverName, ca }),
      );
      return seen.ok
        ? toCertificate(registration, at, seen.value)
        : { ok: false as const, reason: `${registration}: ${toReason(seen)}` };
    }),
  );
}

function toCertificate(
  registration: string,
  target: string,
  seen: Awaited<ReturnType<typeof probeServer>>,
): ClusterFacts["certificates"][number] {
  return typeof seen === "string"
    ? { ok: true, value: { registration, target, unreachable: seen } }
    : { ok: true, value: { registration, target, ...seen } };
}

function toAddress(url: string): Pick<ProbeOptions, "host" | "port" | "serverName"> {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || "443"), serverName: hostname };
}

/**
 * Finds the pods behind a Service (Kubernetes API, `EndpointSlice`); the Service itself where slices cannot be read, do not
 * exist, or name no pods.
 */
async function findEndpoints(
  { namespace, name, port }: NonNullable<RegisteredWebhook["service"]>,
  options: ClusterOptions,
): Promise<readonly Endpoint[]> {
  const selector = `kubernetes.io/service-name=${name}`;
  const command = ["get", "endpointslices", "-n", namespace, "-l", selector, ...options.args, "-o", "json"];
  const slices = await readList(command, options);
  const whole = { target: `service/${name}`, port };
  const listed = slices.ok ? toList(slices.value) : [];
  // With several ports only kubectl knows which of them is the Service's.
  if (listed.length === 0 || listed.some(({ ports }) => toList(ports).length !== 1)) return [whole];
  const endpoints = listed.flatMap(({ ports, endpoints: found }) =>
    toList(found)
      .filter(({ conditions }) => readReady(conditions))
      .map(({ targetRef }) => toEndpoint(targetRef, toList(ports)[0]?.port) ?? whole),
  );
  return [...new Map(endpoints.map((endpoint) => [endpoint.target, endpoint])).values()];
}

function toEndpoint(targetRef: unknown, port: unknown): Endpoint | undefined {
  if (readText(targetRef, "kind") !== "Pod" || typeof port !== "number") return undefined;
  return { target: `pod/${readText(targetRef, "name")}`, port };
}

/** An endpoint without a condition counts as ready (Kubernetes API, `EndpointConditions`). */
function readReady(conditions: unknown): boolean {
  return !isObject(conditions) || conditions.ready !== false;
}

/** @returns the first fault of a webhook's servers; `undefined` if there is none, or none was found out */
export async function findServerFault(
  webhook: RegisteredWebhook,
  options: ClusterOptions,
): Promise<ServerFault | undefined> {
  const seen = (await readCertificates(webhook, options)).flatMap((known) => (known.ok ? [known.value] : []));
  for (const value of seen) {
    if ("unreachable" in value) return { kind: "unreachable", reason: value.unreachable };
    if (value.untrusted !== undefined) return { kind: "untrusted", reason: value.untrusted };
  }
  return undefined;
}
