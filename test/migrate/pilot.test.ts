/** Both registrations of a pilot over every kind of pod and namespace: each pod is seen by exactly one. */
import { describe, expect, test } from "bun:test";
import { isCalledFor, readRegistrations } from "../../src/diagnose/registration.ts";
import { type Pilot, parsePilot, toSelectors } from "../../src/migrate/pilot.ts";
import { createWorkplace } from "../cli/harness.ts";

/** Prints manifests and reads the registrations back. */
async function registrationsOf(args: readonly string[]) {
  const place = createWorkplace({
    "config/webhook.yaml": "webhook: { namespaceSelector: { matchLabels: { flyte: tasks } } }\n",
  });
  const { stdout, stderr, code } = await place.run(["manifests", ...args]);
  place.remove();
  expect([code, stderr.includes("error")]).toEqual([0, false]);
  const documents = stdout.split(/^---\n/m).map((text): unknown => Bun.YAML.parse(text));
  const found = documents.filter((one) => Object(one).kind === "MutatingWebhookConfiguration");
  return { webhooks: readRegistrations(found), names: found.map((one) => Object(one).metadata.name) };
}

const NAMES = ["a", "b", "c", "ab", "default", "flytesnacks-development"];
const LABELS = [undefined, "a", "b", "c", "ab", "A", ""];

describe("manifests --pilot", () => {
  test.each([
    "namespaces=a",
    "namespaces=a,b",
    "namespaces=flytesnacks-development,c",
    "project=a",
    "project=a,b",
    "project=A,c",
  ])(
    "%s: ours and Flyte's are complements, for every namespace, project and label of a namespace",
    async (list) => {
      const { webhooks } = await registrationsOf(["--pilot", list]);
      let ours = 0;
      for (const namespace of NAMES) {
        for (const project of LABELS) {
          for (const namespaceLabels of [{}, { flyte: "tasks" }, { flyte: "other" }]) {
            const labels = { "inject-flyte-secrets": "true", ...(project !== undefined && { project }) };
            const seen = webhooks.filter((webhook) =>
              isCalledFor(webhook, { namespace, labels }, namespaceLabels),
            );
            expect([namespace, project, seen.length]).toEqual([namespace, project, 1]);
            if (seen[0]?.owner === "ours") ours++;
          }
        }
      }
      expect(ours).toBeGreaterThan(0);
      // A pod that does not ask is nobody's.
      const idle = { namespace: "a", labels: { project: "a" } };
      expect(webhooks.some((webhook) => isCalledFor(webhook, idle))).toBe(false);
    },
  );

  test("a list that grows prints ours before Flyte's, one that shrinks Flyte's first", async () => {
    const wider = await registrationsOf(["--pilot", "namespaces=a"]);
    const narrower = await registrationsOf(["--pilot", "namespaces=a", "--narrow"]);
    expect(wider.names).toEqual(["00-flyte-vault-webhook", "flyte-pod-webhook"]);
    expect(narrower.names).toEqual(["flyte-pod-webhook", "00-flyte-vault-webhook"]);
  });

  test("another Service of Flyte's names its registration", async () => {
    const { webhooks } = await registrationsOf([
      "--pilot",
      "project=a",
      "--flyte",
      "ml/flyte-binary-webhook",
    ]);
    expect(webhooks.find(({ owner }) => owner === "flyte")).toMatchObject({
      registration: "flyte-binary-webhook",
      target: "ml/flyte-binary-webhook:443",
    });
  });

  test.each<readonly [string, readonly string[]]>([
    ["no kind", ["--pilot", "a,b"]],
    ["a blank", ["--pilot", "namespaces=a, b"]],
    ["an empty name", ["--pilot", "project=a,"]],
    ["a namespace that is never served", ["--pilot", "namespaces=a,kube-system"]],
    ["our own namespace", ["--pilot", "namespaces=flyte-vault-webhook"]],
    ["no Service", ["--pilot", "project=a", "--flyte", "flyte"]],
  ])("%s: exit code 2", async (_, args) => {
    const place = createWorkplace();
    const { code, issues, stdout } = await place.run(["manifests", ...args]);
    place.remove();
    expect([code, issues, stdout]).toEqual([2, ["manifests.option"], ""]);
  });
});

test.each([
  ["namespaces=UPPER", "names of namespaces, separated by commas without blanks"],
  ["namespaces=a, b", "names of namespaces, separated by commas without blanks"],
  ["project=-a", "values of the label project, separated by commas without blanks"],
])("parsePilot does not read %s", (text, expected) => expect(parsePilot(text, "own")).toBe(expected));

test("parsePilot reads each name once", () => {
  const pilot = parsePilot("project=a,b,a", "own") as Pilot;
  expect(pilot).toEqual({ by: "project", names: ["a", "b"] });
  expect(toSelectors(pilot).flyte.object).toEqual([
    { key: "project", operator: "NotIn", values: ["a", "b"] },
  ]);
});
