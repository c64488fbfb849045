/** What comes from outside the page: pasted calls of `Secret(…)`, and files dropped on it. */
import type { SecretRequest } from "../../core/secret/request.ts";
import { parseSecretCalls } from "../input/python.ts";

/** As much as `/preview` takes. */
const LONGEST_FILE = 1024 * 1024;

/**
 * Listens for pasted requests, wherever the cursor is; any other text is pasted as always.
 *
 * @returns what ends it
 */
export function listenForPastes(onRequests: (requests: readonly SecretRequest[]) => void): () => void {
  const listen = (event: ClipboardEvent) => {
    const field = event.composedPath()[0];
    if (field instanceof HTMLInputElement) return;
    const requests = parseSecretCalls(event.clipboardData?.getData("text/plain") ?? "");
    if (!requests) return;
    event.preventDefault();
    event.stopPropagation();
    onRequests(requests);
  };
  // Before the editor, which would insert the text.
  addEventListener("paste", listen, true);
  return () => removeEventListener("paste", listen, true);
}

/**
 * Listens for dropped files; without it the browser would leave the page for the file.
 *
 * @param onText called with the text of the first file and its name
 * @returns what ends it
 */
export function listenForDrops(onText: (text: string, name: string) => void): () => void {
  const isFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const over = (event: DragEvent) => {
    if (isFile(event)) event.preventDefault();
  };
  const drop = async (event: DragEvent) => {
    if (!isFile(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const file = event.dataTransfer?.files[0];
    if (file && file.size <= LONGEST_FILE) onText(await file.text(), file.name);
  };
  addEventListener("dragover", over, true);
  addEventListener("drop", drop, true);
  return () => {
    removeEventListener("dragover", over, true);
    removeEventListener("drop", drop, true);
  };
}
