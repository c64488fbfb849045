/** The preview as a command, for a terminal or a pipeline. */
import type { ReadyInput } from "./read.ts";

/** The forms of the menu. */
export const COPY_FORMS = ["curl", "command line"] as const;
/** A form of {@link COPY_FORMS}. */
export type CopyForm = (typeof COPY_FORMS)[number];

/**
 * Renders a command that asks what the page asks.
 *
 * @param origin of the server, without a slash at its end
 * @param hasToken whether the server wants one; the command reads it from a variable, so that it is in no history
 */
export function renderCommand(
  form: CopyForm,
  { body }: ReadyInput,
  origin: string,
  hasToken: boolean,
): string {
  const end = chooseEnd(body);
  const document = `<<'${end}'\n${body.endsWith("\n") ? body : `${body}\n`}${end}\n`;
  if (form === "command line") return `flyte-vault-webhook preview -f - -o table ${document}`;
  const token = hasToken ? ` -H "authorization: Bearer $PREVIEW_TOKEN"` : "";
  return `curl -sS ${origin}/preview -H 'accept: application/yaml'${token} --data-binary @- ${document}`;
}

/** A word that does not occur as a line of the text: the shell would end the document there and run the rest. */
function chooseEnd(body: string): string {
  const lines = new Set(body.split("\n"));
  let end = "YAML";
  while (lines.has(end)) end += "_";
  return end;
}
