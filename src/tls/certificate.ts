/** The server's certificate: from files, or outside a cluster, if there are none, a self-signed one in memory. */
import { join } from "node:path";
import type { Disk } from "../config/disk.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { Certificate } from "./inspect.ts";
import { readNotAfter } from "./validity.ts";

/** Where to find the certificate, and what it must cover. */
export interface CertificateSource {
  /** Flyte's `webhook.certDir`. */
  readonly folder: string;
  /** Names under which the API server calls this server; each one that the certificate does not cover is a warning. */
  readonly names: readonly string[];
  /** Whether an API server has to trust the certificate; if so, a missing one stops the start. */
  readonly insidePod: boolean;
  /** File of `server.clientCa`; absent if clients are not checked. */
  readonly clientCa?: string | undefined;
  readonly disk: Disk;
}

/** Names of the files in {@link CertificateSource.folder}, as in a Secret that cert-manager writes. */
export const CERTIFICATE_FILES = ["tls.crt", "tls.key", "ca.crt"] as const;

const loadInspect = () => import("./inspect.ts");
/** Keeps a byte order mark, as the texts are handed on. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"];

/**
 * Loads and checks `tls.crt` and `tls.key`, and the client CA where there is one.
 *
 * @param now milliseconds since the epoch
 * @returns the certificate, or why it cannot be served
 */
export async function loadCertificate(source: CertificateSource, now: number): Promise<Result<Certificate>> {
  const own = await loadOwn(source, now);
  if (!own.ok || source.clientCa === undefined) return own;
  // A client CA that cannot be read fails the whole certificate: serving without it would let everyone call the webhook.
  const clientCa = await loadClientCa(source.clientCa, source.disk);
  return clientCa.ok ? success({ ...own.value, clientCa: clientCa.value }, own.issues) : clientCa;
}

/**
 * Loads a certificate without checking more than its end, for a listener that refuses a certificate or key that is malformed
 * and a key of another certificate. It saves loading the library for certificates before the server is ready.
 *
 * @returns absent if there may be a reason not to serve it: then {@link loadCertificate} has to decide
 */
export async function loadForListener(
  source: CertificateSource,
  now: number,
): Promise<Certificate | undefined> {
  if (source.clientCa !== undefined) return undefined;
  const [cert, key] = await readAll(source);
  if (typeof cert !== "string" || typeof key !== "string") return undefined;
  // Without a readable end it counts as expired, so that the full check decides.
  const notAfter = readNotAfter(cert) ?? now;
  return notAfter > now ? { cert, key, notAfter, selfSigned: false } : undefined;
}

/** @returns the CA certificates that clients are checked against, as PEM. */
async function loadClientCa(file: string, disk: Disk): Promise<Result<string>> {
  const pem = await readText(file, disk);
  if (typeof pem !== "string") {
    return failure([tlsIssues["tls.client-ca-malformed"]({ file, reason: reasonOf(pem) })]);
  }
  const { parseChain } = await loadInspect();
  const parsed = parseChain(pem);
  if (typeof parsed !== "string") return success(pem);
  return failure([tlsIssues["tls.client-ca-malformed"]({ file, reason: parsed })]);
}

async function loadOwn(source: CertificateSource, now: number): Promise<Result<Certificate>> {
  const { folder, names, insidePod } = source;
  const [cert, key, ca] = await readAll(source);
  if (cert instanceof Missing && key instanceof Missing) {
    if (insidePod) return failure([tlsIssues["tls.files-missing"]({ folder })]);
    return success(await makeCertificate(names, now), [tlsIssues["tls.self-signed"]({ folder })]);
  }
  if (typeof cert !== "string") return failUnreadable(folder, "tls.crt", cert);
  if (typeof key !== "string") return failUnreadable(folder, "tls.key", key);
  const { inspectCertificate } = await loadInspect();
  return inspectCertificate({ cert, key, ...(typeof ca === "string" && { ca }) }, folder, names, now);
}

function readAll({ folder, disk }: CertificateSource): Promise<(string | Error)[]> {
  return Promise.all(CERTIFICATE_FILES.map((name) => readText(join(folder, name), disk)));
}

/** The file does not exist, as opposed to one that cannot be read. */
class Missing extends Error {}

async function readText(file: string, disk: Disk): Promise<string | Error> {
  try {
    // Reading a pipe without a writer would never end.
    const found = await disk.stat(file);
    if (!found.isFile()) return new Error("it is a folder, pipe, socket or device");
    return decoder.decode(await disk.readFile(file));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(",")[0] ?? "") : String(error);
    return reason.startsWith("ENOENT") ? new Missing("it does not exist") : new Error(reason);
  }
}

function failUnreadable(folder: string, name: string, error: Error | undefined): Result<never> {
  return failure([tlsIssues["tls.file-unreadable"]({ file: join(folder, name), reason: reasonOf(error) })]);
}

function reasonOf(error: Error | undefined): string {
  return error?.message ?? "";
}

async function makeCertificate(names: readonly string[], now: number): Promise<Certificate> {
  // Imported here, so that a server with certificate files starts faster.
  const { createSelfSigned } = await import("./self-signed.ts");
  const pair = await createSelfSigned([...LOCAL_NAMES, ...names], now);
  const { parseChain } = await loadInspect();
  const chain = parseChain(pair.cert);
  if (typeof chain === "string") throw new Error(chain);
  const [own] = chain;
  const notAfter = Date.parse(own.validTo);
  return { ...pair, notAfter, selfSigned: true };
}
