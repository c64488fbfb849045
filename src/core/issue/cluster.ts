/** Messages about commands that read from a cluster. */
import { defineIssues, quote } from "./define.ts";

interface Ran {
  readonly command: string;
}

/** Issues about reading from a cluster, by code. */
export const clusterIssues = defineIssues({
  "cluster.kubectl-missing": {
    severity: "error",
    message: (f: Ran) => `Cannot run \`${f.command}\`: kubectl is not on PATH`,
    help: "Install kubectl and put it on PATH, or pass files with -f",
  },
  "cluster.kubectl-failed": {
    severity: "error",
    message: (f: Ran & { reason: string }) => `\`${f.command}\` failed: ${f.reason}`,
    help: "Run the command yourself, and pass its output to this program with -f",
  },
  "cluster.answer": {
    severity: "error",
    message: (f: { what: string; reason: string }) => `Cannot read ${quote(f.what)}: ${f.reason}`,
    help: "Check that the file is what kubectl printed, unchanged",
  },
});
