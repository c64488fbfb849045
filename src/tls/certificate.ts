/** The server's certificate: files where there are some, a self-signed one in memory outside a cluster. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import { createSelfSigned, type KeyPair } from "./self-signed.ts";

/**
 * Loads `tls.crt` and `tls.key`.
 *
 * @param folder Flyte's `webhook.certDir`
 * @param names what a self-signed certificate would be for
 * @param insidePod whether there is an API server to be trusted by; there, a missing certificate stops the start
 */
export async function loadCertificate(
  folder: string,
  names: readonly string[],
  insidePod: boolean,
): Promise<Result<KeyPair>> {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  if (existsSync(files.cert) || existsSync(files.key)) return readPair(files);
  if (insidePod) return failure([tlsIssues["tls.files-missing"]({ folder })]);
  const issue = tlsIssues["tls.self-signed"]({ folder });
  return success(await createSelfSigned(names, Date.now()), [issue]);
}

function readPair(files: KeyPair): Result<KeyPair> {
  const pair = { cert: "", key: "" };
  for (const part of ["cert", "key"] as const) {
    try {
      pair[part] = readFileSync(files[part], "utf8");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return failure([tlsIssues["tls.file-unreadable"]({ file: files[part], reason })]);
    }
  }
  return success(pair);
}
