/** What an SDK makes of a `Secret(…)`. */
import { encodeBase32 } from "../../src/core/secret/base32.ts";

/** The request in protobuf's text form, which Flyte writes into the pod's annotation; or why the SDK refuses it. */
export type Sent = { readonly text: string } | { readonly error: string };

/** Writes the annotation's value, as Flyte does (`flyteplugins/.../utils/secrets/marshaler.go`). */
export function toAnnotation(sent: Sent | undefined): string {
  if (!sent || "error" in sent) throw new Error(`the SDK refuses the secret: ${sent?.error}`);
  return encodeBase32(new TextEncoder().encode(sent.text));
}
