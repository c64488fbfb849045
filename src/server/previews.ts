/** The preview thread of a server. */
import type { Live } from "../host/live.ts";
import type { MemoryWatch } from "../host/plugin/memory-watch.ts";
import type { PreviewThread } from "../host/preview/thread.ts";
import { PREVIEW_SECONDS } from "../http/route/preview.ts";
import type { LoadedEngine } from "./load.ts";
import type { Telemetry } from "./telemetry.ts";

/** @returns a preview thread whose code is imported by the first preview, so that the server starts faster */
export function createLatePreviews(
  live: Live<LoadedEngine>,
  memory: MemoryWatch,
  { log }: Telemetry,
): Pick<PreviewThread, "make" | "close"> {
  let thread: PreviewThread | undefined;
  return {
    make: async (order, signal) => {
      const { createPreviewThread } = await import("../host/preview/thread.ts");
      thread ??= createPreviewThread({
        script: new URL("./preview-worker.ts", import.meta.url),
        memory,
        hold: () => ({
          setup: live.current().previewSetup,
          letGo: live.engine().hold?.() ?? (() => {}),
        }),
        report: ({ kind, plugin, detail }) => log("warn", `plugin ${kind} in a preview`, { plugin, detail }),
        longestSeconds: PREVIEW_SECONDS,
      });
      return thread.make(order, signal);
    },
    close: () => thread?.close(),
  };
}
