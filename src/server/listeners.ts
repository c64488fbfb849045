/** The addresses to serve, and how they are bound. */

import type { Disk } from "../config/disk.ts";
import type { Env } from "../config/env.ts";
import type { Config } from "../config/schema.ts";
import { httpIssues } from "../core/issue/http.ts";
import { failure, type Result, success } from "../core/result.ts";
import { BODY_LIMIT } from "../http/route/mutate.ts";
import { PREVIEW_LIMIT } from "../http/route/preview.ts";
import type { Listen, Listener, Running } from "../listen/listener.ts";
import type { CertificateSource } from "../tls/certificate.ts";
import type { Certificate } from "../tls/inspect.ts";

/** Which listeners a process opens. */
export type Role = "all" | "admission" | "management";

/** Listeners that are bound. */
export interface Bound {
  readonly admission?: Running;
  readonly management?: Running;
  readonly all: readonly Running[];
  /** The addresses as URLs, for the log. */
  readonly urls: readonly string[];
}

/** Whether this process runs in a pod. */
export function isInsidePod(env: Env): boolean {
  return env.KUBERNETES_SERVICE_HOST !== undefined;
}

/** @returns where the certificate is, and the names that it must cover */
export function toCertificateSource({ webhook, server }: Config, env: Env, disk: Disk): CertificateSource {
  const namespace = env.POD_NAMESPACE;
  return {
    folder: webhook.certDir,
    // The Service's DNS name includes the namespace, which the Downward API provides (config/kubernetes).
    names: namespace === undefined ? [] : [`${webhook.serviceName}.${namespace}.svc`],
    insidePod: isInsidePod(env),
    clientCa: server.clientCa,
    disk,
  };
}

/** The app of an address. */
type Answers = Pick<Listen, "fetch" | "answerFailure">;

/** @returns the address for the API server */
export function toAdmission({ webhook, server }: Config, tls: Certificate, answers: Answers): Listen {
  // No API server trusts a self-signed certificate, so listen on loopback only.
  const host = tls.selfSigned ? "127.0.0.1" : server.admission.host;
  return { port: webhook.listenPort, host, tls, ...answers, bodyLimit: BODY_LIMIT };
}

/** @returns the address for people and tools */
export function toManagement({ server }: Config, answers: Answers): Listen {
  const { port, host } = server.management;
  return { port, host, ...answers, bodyLimit: PREVIEW_LIMIT };
}

/** @returns whether only this machine reaches a host (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3) */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Binds every address, or none: if one fails, those bound before are stopped. */
export async function bindAll(
  listen: Listener,
  addresses: { readonly admission?: Listen | undefined; readonly management?: Listen | undefined },
): Promise<Result<Bound>> {
  const bound: { admission?: Running; management?: Running } = {};
  const urls: string[] = [];
  for (const name of ["admission", "management"] as const) {
    const address = addresses[name];
    if (!address) continue;
    try {
      bound[name] = await listen(address);
    } catch (error) {
      await Promise.all(Object.values(bound).map((running) => running.stop()));
      const reason = error instanceof Error ? error.message : String(error);
      return failure([httpIssues["http.not-bound"]({ host: address.host, port: address.port, reason })]);
    }
    urls.push(`${address.tls ? "https" : "http"}://${address.host}:${bound[name].port}`);
  }
  return success({ ...bound, all: Object.values(bound), urls });
}
