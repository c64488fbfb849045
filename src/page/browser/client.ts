/** Asks the server that served the page; nobody else is ever asked. */
import { type Answer, type Problem, parseAnswer, parseProblem } from "../answer.ts";

/** What came of a question. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "problem"; readonly problem: Problem }
  /** Try again after so many milliseconds. */
  | { readonly kind: "later"; readonly why: "busy" | "gone"; readonly ms: number };

const GONE_MS = 2_000;

/**
 * Asks for a preview.
 *
 * @param token sent where it is not empty
 * @param signal ends the question, which frees the server's place for the next one
 * @throws the signal's reason once it is aborted
 */
export async function askPreview(body: string, token: string, signal: AbortSignal): Promise<Reply> {
  try {
    const headers = { accept: "application/json", ...(token !== "" && { authorization: `Bearer ${token}` }) };
    const response = await fetch("preview", { method: "POST", body, headers, signal });
    if (response.status === 503) return { kind: "later", why: "busy", ms: toMilliseconds(response) };
    return read(await response.text(), response.ok);
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "later", why: "gone", ms: GONE_MS };
  }
}

function read(text: string, isAnswer: boolean): Reply {
  const answer = isAnswer ? parseAnswer(text) : undefined;
  if (answer) return { kind: "answer", answer };
  const problem = isAnswer ? undefined : parseProblem(text);
  return problem ? { kind: "problem", problem } : { kind: "later", why: "gone", ms: GONE_MS };
}

function toMilliseconds(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? "1");
  return Number.isFinite(seconds) ? Math.min(10, Math.max(0.2, seconds)) * 1_000 : 1_000;
}
