/** Messages about the migration from Flyte's webhook to this one. */
import { defineIssues, quote } from "./define.ts";

/** Issues about the migration, by code. */
export const migrateIssues = defineIssues({
  "migrate.no-pods": {
    severity: "error",
    message: (f: { passedOver: number }) =>
      `Cannot compare anything: none of the ${f.passedOver} objects is a pod that asks for secrets`,
    help: "Pass pods with the label inject-flyte-secrets: kubectl get pods -A -l inject-flyte-secrets=true -o json",
  },
  "migrate.not-a-pod": {
    severity: "warning",
    message: (f: { found: string }) => `Skipped ${quote(f.found)}: the report compares pods only`,
    help: "Pass the pods that the workload has created",
  },
  "migrate.no-section": {
    severity: "error",
    message: () => "Cannot find a webhook section of Flyte in the input",
    help: "Pass the ConfigMap that has core.yaml or the inline configuration, or the chart's values",
  },
  "migrate.no-flyte": {
    severity: "error",
    message: () => "Cannot plan a switch: Flyte's webhook (flyte-pod-webhook.flyte.org) is not registered",
    help: "Use the cluster in which Flyte's webhook is registered; if there is none, install this webhook (docs/install.md)",
  },
  "migrate.chart-unknown": {
    severity: "warning",
    message: () => "Cannot find out how Flyte was installed: the plan assumes the chart flyte-core",
    help: "Pass --flyte-chart core, binary-v1 or binary-v2",
  },
});
