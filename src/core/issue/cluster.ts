/** What can go wrong between a command and the cluster that it asks. */
import { defineIssues, quote } from "./define.ts";

interface Ran {
  readonly command: string;
}

export const clusterIssues = defineIssues({
  "cluster.kubectl-missing": {
    severity: "error",
    message: (f: Ran) => `Cannot run \`${f.command}\`: there is no kubectl on PATH`,
    help: "Install kubectl and put it on PATH, or pass files with -f",
  },
  "cluster.kubectl-failed": {
    severity: "error",
    message: (f: Ran & { reason: string }) => `\`${f.command}\` failed: ${f.reason}`,
    help: "Run the command yourself: this program only needs what it prints",
  },
  "cluster.answer": {
    severity: "error",
    message: (f: { what: string; reason: string }) => `Cannot read ${quote(f.what)}: ${f.reason}`,
    help: "Check that the file is what kubectl printed, unchanged",
  },
});
