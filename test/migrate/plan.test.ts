import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createPlan, detectFlavor, renderPlan } from "../../src/migrate/plan.ts";
import { createWorkplace } from "../cli/harness.ts";

const PILOTS = [
  { by: "namespaces", names: ["team-a"] },
  { by: "namespaces", names: ["team-a", "team-b"] },
] as const;
const FACTS = {
  namespace: "flyte",
  registration: "flyte-pod-webhook",
  flavor: "core",
  pilots: PILOTS,
} as const;
const commandsOf = (facts: Parameters<typeof createPlan>[0]) =>
  createPlan(facts).flatMap(({ commands }) => commands);

describe("createPlan", () => {
  test("whatever changes something has an undo", () => {
    for (const { commands, undo } of createPlan(FACTS)) {
      const changes = commands.some((line) => /\b(?:apply|delete|patch|upgrade)\b/.test(line));
      expect([commands[0], undo !== undefined]).toEqual([commands[0], changes]);
    }
  });

  test("no replica that observes is sent a pod to serve: it restarts before the registration is applied", () => {
    for (const pilots of [PILOTS, []]) {
      const commands = commandsOf({ ...FACTS, pilots });
      const restarted = commands.findIndex((line) => line.includes("rollout status"));
      const registered = commands.findIndex(
        (line) => /manifests (?!.*observe)/.test(line) && !line.includes("component!=registration"),
      );
      expect(restarted).toBeGreaterThan(0);
      expect(registered).toBeGreaterThan(restarted);
    }
  });

  test("lists widen one after the other, and narrow with Flyte's registration first", () => {
    const steps = createPlan(FACTS).filter(({ title }) =>
      title.includes("Flyte's webhook serves all others"),
    );
    expect(
      steps.map(
        ({ commands }) => commands.find((line) => line.includes("--pilot"))?.match(/--pilot \S+/)?.[0],
      ),
    ).toEqual(["--pilot namespaces=team-a", "--pilot namespaces=team-a,team-b"]);
    expect(steps[1]?.undo?.[0]).toContain("--pilot namespaces=team-a --narrow");
    expect(steps[0]?.undo?.map((line) => line.split(" ")[1])).toEqual(["patch", "delete"]);
  });

  test.each([
    ["core", "webhook.enabled=false", "webhook.enabled=true"],
    [
      "binary-v1",
      "flyte-core-components.propeller.disableWebhook=true",
      "flyte-core-components.propeller.disableWebhook=false",
    ],
  ] as const)("%s: its own switch, and back", (flavor, off, on) => {
    const last = createPlan({ ...FACTS, flavor }).at(-1);
    expect(last?.commands.join("\n")).toContain(off);
    expect(last?.undo?.join("\n")).toContain(on);
  });

  test("flyte-binary v2 has none", () => {
    expect(renderPlan(createPlan({ ...FACTS, flavor: "binary-v2" }))).toContain("cacheInvalidationPort=0");
  });
});

test("every command of docs/migrate.md is one of the plan's, which test/cluster/plan.cluster.ts runs", async () => {
  const guide = await Bun.file(join(import.meta.dir, "../../docs/migrate.md")).text();
  const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const lines = blocks.flatMap((text) => text.trim().split("\n")).filter((line) => !line.startsWith("#"));
  const pilots = [
    { by: "namespaces", names: ["team-a"] },
    { by: "project", names: ["fraud", "search"] },
  ] as const;
  const known = createPlan({ ...FACTS, pilots })
    .flatMap(({ commands, undo = [] }) => [...commands, ...undo])
    // The default of --flyte.
    .map((line) => line.replace(" --flyte flyte/flyte-pod-webhook", ""));
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => !known.includes(line))).toEqual([]);
});

test("detectFlavor goes by the images", () => {
  const deployment = (image: string) => [{ spec: { template: { spec: { containers: [{ image }] } } } }];
  expect(detectFlavor(deployment("cr.flyte.org/flyteorg/flytepropeller:v1.16.8"))).toBe("core");
  expect(detectFlavor(deployment("cr.flyte.org/flyteorg/flyte-binary-release:v1.16.8"))).toBe("binary-v1");
  expect(detectFlavor(deployment("cr.flyte.org/flyteorg/flyte-binary:latest"))).toBe("binary-v1");
  expect(detectFlavor(deployment("cr.flyte.org/flyteorg/flyte-binary-v2:latest"))).toBe("binary-v2");
  expect(detectFlavor(deployment("cr.flyte.org/flyteorg/flyte-binary-v2@sha256:0a"))).toBe("binary-v2");
  expect(detectFlavor(deployment("ghcr.io/flyteorg/flyte-binary-v2:v2.0.31"))).toBe("binary-v2");
  expect(detectFlavor(deployment("nginx"))).toBeUndefined();
});

describe("migrate plan", () => {
  const flyte = {
    kind: "MutatingWebhookConfiguration",
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name: "flyte-binary-webhook" },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: { service: { namespace: "ml", name: "flyte-binary-webhook" } },
      },
    ],
  };
  const place = createWorkplace();
  test("names the cluster's own registration and namespace", async () => {
    const stdin = JSON.stringify({ kind: "List", items: [flyte] });
    const { code, stdout, issues } = await place.run(
      ["migrate", "plan", "-f", "-", "--pilot", "project=fraud"],
      { stdin },
    );
    expect([code, issues]).toEqual([0, ["migrate.chart-unknown"]]);
    expect(stdout).toContain("--flyte ml/flyte-binary-webhook --pilot project=fraud");
    expect(stdout).toMatch(/^1\. /);
  });

  test.each([
    ["no registration of Flyte's", ["migrate", "plan", "-f", "-"], "migrate.no-flyte"],
    ["a list that is none", ["migrate", "plan", "-f", "-", "--pilot", "x"], "manifests.option"],
  ] as const)("%s: exit code 2", async (_, args, issue) => {
    const { code, issues } = await place.run(args, { stdin: '{"kind":"Pod"}' });
    expect([code, issues]).toEqual([2, [issue]]);
  });
});
