/** Certificates for tests. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificates, type MadeCertificates } from "../../src/tls/create.ts";

export const SERVICE = "flyte-vault-webhook.flyte.svc";

/** @returns a CA and a server certificate for the Service and for this machine. */
export async function makeCertificates(
  more: Partial<Parameters<typeof createCertificates>[0]> = {},
): Promise<MadeCertificates> {
  const names = [SERVICE, "localhost", "127.0.0.1"];
  const made = await createCertificates({ names, now: Date.now(), ...more });
  if (!made.ok) throw new Error(made.issues[0].message);
  return made.value;
}

/** Writes the files of a certificate, as the `certs` command and cert-manager do. */
export function writeCertificates(folder: string, { ca, server }: MadeCertificates): void {
  writeFileSync(join(folder, "ca.crt"), ca.cert);
  writeFileSync(join(folder, "tls.crt"), server.cert);
  writeFileSync(join(folder, "tls.key"), server.key);
}

/** @returns a new folder. */
export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), "certs-"));
}
