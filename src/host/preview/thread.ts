/**
 * Previews beside the thread that admissions run in. A text of 1 MiB takes a second to read as YAML, and as long to write:
 * in one thread with admissions it would hold up every pod that is created meanwhile. Only the reviews themselves, one pod
 * at a time, run where the engine is.
 */
import { Worker } from "node:worker_threads";
import { httpIssues } from "../../core/issue/http.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import type { OpenPreview, PreviewJob, PreviewTask, PreviewText } from "../../preview/job.ts";
import { type FromThread, readRequest, renderOutcome, type ToThread } from "./protocol.ts";

/** A thread that is started by the first preview. */
export interface PreviewThread {
  readonly open: OpenPreview;
  /** Ends it. */
  readonly close: () => void;
}

/** Longest preview, seconds; whoever sends more than can be read in that time is refused. */
const LONGEST_SECONDS = 20;

/**
 * Creates the thread. It serves one preview at a time, which its caller has to see to; one that takes too long ends with
 * its thread, and the next begins another.
 *
 * @param longestSeconds how long one preview may take
 */
export function createPreviewThread(longestSeconds = LONGEST_SECONDS): PreviewThread {
  let worker: Worker | undefined;
  const end = () => {
    void worker?.terminate();
    worker = undefined;
  };
  const start = () => {
    worker ??= startWorker(() => {
      worker = undefined;
    });
    return worker;
  };
  return {
    close: end,
    open: async (text) => {
      const link = connect(start(), longestSeconds, end);
      try {
        link.send({ kind: "read", text });
        const first = await link.next();
        if (first.kind === "input") return success(toJob(link, first.config), first.issues);
        link.close();
        return toFailure(first, longestSeconds);
      } catch (error) {
        link.close();
        throw error;
      }
    },
  };
}

/** One preview's half of a conversation. */
interface Link {
  readonly send: (message: ToThread) => void;
  /** The next message; one that the thread died before is `failed`, one that came too late `late`. */
  readonly next: () => Promise<FromThread | { readonly kind: "late" }>;
  readonly close: () => void;
}

function startWorker(onEnd: () => void): Worker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  worker.once("exit", onEnd);
  worker.once("error", onEnd);
  worker.unref();
  return worker;
}

function connect(worker: Worker, longestSeconds: number, end: () => void): Link {
  type Message = Awaited<ReturnType<Link["next"]>>;
  const arrived: Message[] = [];
  let waiting: ((message: Message) => void) | undefined;
  const receive = (message: Message) => {
    if (waiting) waiting(message);
    else arrived.push(message);
    waiting = undefined;
  };
  const onDeath = (reason: unknown) => receive({ kind: "failed", reason: String(reason) });
  const timer = setTimeout(() => {
    end();
    receive({ kind: "late" });
  }, longestSeconds * 1_000);
  worker.on("message", receive).on("error", onDeath).on("exit", onDeath);
  return {
    send: (message) => worker.postMessage(message),
    next: () => {
      const message = arrived.shift();
      return message ? Promise.resolve(message) : new Promise((resolve) => (waiting = resolve));
    },
    close: () => {
      clearTimeout(timer);
      worker.off("message", receive).off("error", onDeath).off("exit", onDeath);
    },
  };
}

function toJob(link: Link, config: unknown): PreviewJob {
  return { config, close: link.close, answer: (task) => converse(link, task) };
}

async function converse(link: Link, { review, configHash, yaml }: PreviewTask): Promise<PreviewText> {
  link.send({ kind: "answer", configHash, yaml });
  for (;;) {
    const message = await link.next();
    if (message.kind === "review") {
      link.send({ kind: "reviewed", outcome: renderOutcome(await review(readRequest(message.request))) });
    } else if (message.kind === "answered") return message.answer;
    else throw new Error(message.kind === "failed" ? message.reason : "the preview took too long");
  }
}

function toFailure(message: FromThread | { readonly kind: "late" }, seconds: number): Result<never> {
  if (message.kind === "late") return failure([httpIssues["http.preview-overrun"]({ seconds })]);
  if (message.kind === "refused" && isNonEmpty(message.issues)) return failure(message.issues);
  throw new Error(message.kind === "failed" ? message.reason : `unexpected message: ${message.kind}`);
}
