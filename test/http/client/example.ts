/** A client of the preview, typed by what openapi-typescript makes of config/openapi.json. */
import type { components, paths } from "./api.ts";

type Preview = paths["/preview"]["post"];
type PlainForm = components["schemas"]["PlainForm"];
type Answer = Preview["responses"][200]["content"]["application/json"];
type Problem = Preview["responses"][400]["content"]["application/problem+json"];

/** What the preview answered: the outcome of every pod, or why there is none. */
export type Previewed =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Asks what a pod with some secrets would get.
 *
 * @param base URL of the management listener
 * @param token `server.preview.token`, where it is set
 */
export async function previewSecrets(base: string, form: PlainForm, token?: string): Promise<Previewed> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(new URL("/preview", base), {
    ...{ method: "POST", headers, body: JSON.stringify(form) },
  });
  return response.ok
    ? { ok: true, answer: (await response.json()) as Answer }
    : { ok: false, problem: (await response.json()) as Problem };
}
