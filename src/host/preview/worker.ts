/** The thread of previews: reads documents and renders answers, and asks the other thread for every review. */
import { parentPort } from "node:worker_threads";
import type { AdmissionRequest } from "../../core/admission/request.ts";
import type { Outcome } from "../../core/outcome.ts";
import { createPreviewJobs, type PreviewJob } from "../../preview/job.ts";
import { type FromThread, readOutcome, type ToThread } from "./protocol.ts";

const encoder = new TextEncoder();
// Nobody else wants this thread.
const openPreview = createPreviewJobs({ encodeUtf8: (text) => encoder.encode(text) }, async () => {});

/** A text of more UTF-16 units is worth a collection: read as YAML it takes two hundred times its size. */
const LARGE = 64 * 1024;

let job: PreviewJob | undefined;
let isLarge = false;
let onReviewed: ((outcome: string | undefined) => void) | undefined;

parentPort?.on("message", (message: ToThread) => {
  handle(message).catch((error) => {
    send({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});

async function handle(message: ToThread): Promise<void> {
  if (message.kind === "reviewed") return onReviewed?.(message.outcome);
  if (message.kind === "read") {
    isLarge = message.text.length > LARGE;
    const opened = await openPreview(message.text);
    collect();
    if (!opened.ok) return send({ kind: "refused", issues: opened.issues });
    job = opened.value;
    return send({ kind: "input", config: job.config, issues: opened.issues });
  }
  const answer = await job?.answer({ ...message, review });
  if (answer) send({ kind: "answered", answer });
  job = undefined;
  collect();
}

/** Bun lets a thread's garbage lie, up to more than the webhook's container has; other runtimes do not. */
function collect(): void {
  if (isLarge && "Bun" in globalThis) Bun.gc(true);
}

async function review(request: AdmissionRequest): Promise<Outcome> {
  const reviewed = new Promise<string | undefined>((resolve) => {
    onReviewed = resolve;
  });
  send({ kind: "review", request: JSON.stringify(request) });
  const outcome = await reviewed;
  if (outcome === undefined) throw new Error("the review failed");
  return readOutcome(outcome);
}

function send(message: FromThread): void {
  parentPort?.postMessage(message);
}
