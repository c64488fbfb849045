/** `doctor`: is everything in the cluster as pods with secrets need it? */
import { cliIssues } from "../../core/issue/cli.ts";
import type { Severity } from "../../core/issue/issue.ts";
import { encodeRequests } from "../../core/secret/codec.ts";
import { INJECT_LABEL, MountRequirement } from "../../core/secret/request.ts";
import { examineCluster } from "../../diagnose/doctor.ts";
import type { DoctorRow } from "../../diagnose/doctor-facts.ts";
import { renderDoctor } from "../../diagnose/render-doctor.ts";
import { CLUSTER, toClusterArgs } from "../cluster-options.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { OUTPUT } from "../options.ts";
import { report } from "../report.ts";
import { encodeUtf8 } from "../source.ts";

/** Pause between two checks of `--wait`. */
const PAUSE_MS = 3_000;
const RANKS: readonly Severity[] = ["deny", "error", "warning", "info"];

/** Checks a cluster through kubectl, read-only; fails if a finding is as severe as `--fail-on`. */
export const doctor = defineCommand({
  name: "doctor",
  summary: "Check a cluster: registrations, certificates, guard, replicas, injector",
  usage: "[-n NAMESPACE] [--wait DURATION] [--before-switch] [--fail-on SEVERITY] [-o text|json]",
  about: `Only reads, with your kubectl: registrations in the order in which they are called, namespaces that nobody or two webhooks
serve, timeouts, failure policies, Services, caBundle against the certificates that are served, expiry, the guard, the
configuration of each replica (by port-forward), the injector's version and flags, versions of API server and nodes, and sample
pods through the whole chain (server-side dry runs, which store nothing): one that asks for a file, and one that asks for a
variable, to find nodes that are too old for policy.envVars. What you may not see is reported as "not checked", not as a finding.

Exit code 1: a finding at the --fail-on threshold.

Examples:
  flyte-vault-webhook doctor -n flytesnacks-development
  flyte-vault-webhook doctor --wait 2m        # in CI, after an installation
  flyte-vault-webhook doctor --before-switch  # while Flyte's webhook still serves`,
  options: {
    namespace: {
      type: "text",
      short: "n",
      value: "NAME",
      summary: "Namespace of the sample pod: one in which tasks run",
      default: "default",
    },
    wait: {
      type: "text",
      value: "DURATION",
      summary: "Repeat until all is well, at most this long, such as 90s or 2m",
    },
    "before-switch": { type: "flag", summary: "This webhook need not be registered yet" },
    "fail-on": {
      type: "text",
      value: "SEVERITY",
      summary: "Least severity that makes the exit code 1",
      choices: ["error", "warning"],
      default: "error",
    },
    output: OUTPUT,
    ...CLUSTER,
  },
  run: async ({ values }, { io, deps }) => {
    const wait = values.wait === undefined ? 0 : parseDuration(values.wait);
    if (wait === undefined) {
      const facts = { option: "--wait", value: values.wait ?? "", choices: "90s, 2m, …", nearest: undefined };
      report(io, [cliIssues["cli.option-value"](facts)]);
      return Exit.usage;
    }
    const look = async (): Promise<readonly DoctorRow[] | undefined> => {
      const collected = await deps.cluster.collect(
        {
          args: toClusterArgs(values),
          namespace: values.namespace,
          samples: {
            file: makeSample(MountRequirement.FILE),
            variable: makeSample(MountRequirement.ENV_VAR),
          },
          isBeforeSwitch: values["before-switch"],
        },
        io,
      );
      report(io, collected.issues);
      return collected.ok ? examineCluster(collected.value) : undefined;
    };
    const rows = await lookUntil(look, (found) => isWell(found, values["fail-on"]), wait);
    if (!rows) return Exit.usage;
    io.stdout(
      values.output === "json" ? `${JSON.stringify({ checks: rows }, null, 2)}\n` : renderDoctor(rows),
    );
    return isWell(rows, values["fail-on"]) ? Exit.fine : Exit.refused;
  },
});

async function lookUntil(
  look: () => Promise<readonly DoctorRow[] | undefined>,
  isGood: (rows: readonly DoctorRow[]) => boolean,
  wait: number,
): Promise<readonly DoctorRow[] | undefined> {
  const end = Date.now() + wait;
  for (;;) {
    const rows = await look();
    if (!rows || isGood(rows) || Date.now() + PAUSE_MS > end) return rows;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function isWell(rows: readonly DoctorRow[], least: Severity): boolean {
  const bad = RANKS.slice(0, RANKS.indexOf(least) + 1);
  return rows.every(({ issues }) => issues.every(({ severity }) => !bad.includes(severity)));
}

/** @returns milliseconds, or `undefined` for an invalid duration */
function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,5})(s|m)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (unit === "m" ? 60_000 : 1_000);
}

/** A minimal pod of a task; it is only used in dry runs. */
function makeSample(mount: number): object {
  const request = {
    group: "secret/data/doctor",
    key: "sample",
    group_version: "",
    env_var: "",
    mount_requirement: mount,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "flyte-vault-webhook-doctor-",
      labels: { [INJECT_LABEL]: "true" },
      annotations: encodeRequests([request], encodeUtf8),
    },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "sample:1" }] },
  };
}
