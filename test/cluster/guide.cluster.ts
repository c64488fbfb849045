/** docs/install.md and docs/operate-cluster.md, section by section: every command is run, in a cluster that is new. */
import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { type Block, becomeReady, createPlace, type Ran, readGuide } from "./fixture/guide.ts";
import { registerInProcess, startInjector } from "./fixture/injector.ts";
import { flytePod } from "./fixture/pod.ts";
import { register, untilAdmission, untilRegistered } from "./fixture/registration.ts";
import { installStubs } from "./fixture/stubs.ts";
import { startWebhook } from "./fixture/webhook.ts";

const REGISTRATION = "mutatingwebhookconfiguration.admissionregistration.k8s.io/00-flyte-vault-webhook";

const GUIDES = {
  install: await readGuide("install.md"),
  operate: await readGuide("operate-cluster.md"),
};
const BLOCKS = [...GUIDES.install, ...GUIDES.operate];
const OVERLAY = GUIDES.install.find(({ text }) => text.includes("kind: Kustomization"))?.text ?? "";
/** The overlay of those who bring a certificate of their own. */
const OWN_CERTIFICATES =
  GUIDES.install.find(
    ({ text }) => text.includes("components/own-certificates\n") && text.includes("authority]"),
  )?.text ?? "";

interface Section {
  readonly heading: string;
  /** What the reader has done before. */
  readonly before?: (place: Place) => Promise<unknown>;
  /** Looks at the outputs, a block each. */
  readonly after: (ran: readonly Ran[], place: Place) => Promise<void> | void;
}

type Place = Awaited<ReturnType<typeof createPlace>> & { readonly cluster: Cluster };

const writeOverlay = ({ folder }: Place) => writeFile(join(folder, "kustomization.yaml"), OVERLAY);
const applyOverlay = async (place: Place) => {
  await writeOverlay(place);
  return place.cluster.mustKubectl(["apply", "-k", place.folder]);
};
/** The guard on Deny, and a registration for which nobody answers. */
const applyEverything = ({ cluster, folder }: Place) =>
  cluster.mustKubectl(["apply", "-k", join(folder, "repository/config/kubernetes/overlays/everything")]);

const create = (cluster: Cluster, name: string) =>
  cluster.kubectl(["create", "--dry-run=server", "-f", "-"], JSON.stringify(flytePod(name)));

const SECTIONS: readonly Section[] = [
  {
    heading: "With kustomize",
    before: writeOverlay,
    after: async ([atOnce, inSteps], { cluster }) => {
      expect(atOnce?.stdout).toContain(`${REGISTRATION} created`);
      expect(inSteps?.stdout).toContain('deployment "flyte-vault-webhook" successfully rolled out');
      const image = "jsonpath={.spec.template.spec.containers[0].image}";
      const get = ["-n", "flyte-vault-webhook", "get", "deployment", "flyte-vault-webhook", "-o", image];
      expect(await cluster.mustKubectl(get)).toBe("registry.example/flyte-vault-webhook:0.1.0");
    },
  },
  {
    heading: "With one command",
    after: ([applied]) => expect(applied?.stdout).toContain(`${REGISTRATION} created`),
  },
  {
    heading: "With Helm",
    after: async ([installed], { cluster }) => {
      expect(installed?.stdout).toContain("STATUS: deployed");
      expect(installed?.stdout).toContain("namespace/flyte-vault-webhook labeled");
      expect(await cluster.mustKubectl(["get", REGISTRATION, "-o", "name"])).toContain("00-flyte");
    },
  },
  {
    heading: "Without cert-manager",
    before: ({ folder }) => writeFile(join(folder, "kustomization.yaml"), OWN_CERTIFICATES),
    after: async ([made, kustomized, printed], { cluster, folder }) => {
      // The reader's own configuration is what is applied.
      const data = await cluster.mustKubectl([
        ...["-n", "flyte-vault-webhook", "get", "configmap", "flyte-vault-webhook"],
        ...["-o", "jsonpath={.data.webhook\\.yaml}"],
      ]);
      expect(data).toBe(await Bun.file(join(folder, "webhook.yaml")).text());
      expect(made?.stdout).toContain("secret/flyte-vault-webhook-tls created");
      expect(kustomized?.stdout).toContain(`${REGISTRATION} created`);
      // Both ways bring the same authority; the second one finds nothing to change in the registration but its time.
      expect(printed?.stdout).toContain("00-flyte-vault-webhook");
      const path = "jsonpath={.webhooks[0].clientConfig.caBundle}";
      const bundle = await cluster.mustKubectl(["get", REGISTRATION, "-o", path]);
      expect(atob(bundle)).toBe(await Bun.file(join(folder, "tls/ca.crt")).text());
      // What the server would present is what the API server asks for.
      const { stdout } =
        await Bun.$`openssl verify -CAfile ca.crt -verify_hostname flyte-vault-webhook.flyte-vault-webhook.svc tls.crt`
          .cwd(join(folder, "tls"))
          .quiet();
      expect(stdout.toString()).toBe("tls.crt: OK\n");
    },
  },
  {
    heading: "See that it works",
    before: async (place) => {
      const { cluster, folder } = place;
      await applyOverlay(place);
      const webhook = await startWebhook({ folder: cluster.folder });
      const injector = await startInjector();
      cleanups.push(
        () => webhook.stop(),
        async () => injector.stop(),
      );
      // A Service has no address here; a URL and a Service exclude each other.
      await cluster.mustKubectl(["delete", REGISTRATION]);
      await register(cluster, webhook);
      await untilRegistered(cluster);
      await registerInProcess(cluster, "vault-agent-injector-cfg", injector);
      await untilAdmission(cluster, "the injector", ({ text }) => text.includes("vault-agent-init"));
      const flytes = { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" };
      const theirs = JSON.stringify({ ...flytes, metadata: { name: "flyte-pod-webhook" }, webhooks: [] });
      await cluster.mustKubectl(["create", "-f", "-"], theirs);
      await writeFile(join(folder, "pod-of-a-flyte-task.yaml"), JSON.stringify(flytePod("task")));
    },
    after: ([seen, turnedOff]) => {
      expect(seen?.stdout).toContain("successfully rolled out");
      expect(seen?.stdout).toContain("vault.hashicorp.com/agent-inject-secret-");
      expect(seen?.stdout).toContain("name: vault-agent-init");
      expect(turnedOff?.stdout).toContain('"flyte-pod-webhook" deleted');
    },
  },
  {
    heading: "Break the glass",
    before: async (place) => {
      await applyEverything(place);
      await untilAdmission(place.cluster, "the webhook is called", ({ status }) => status === 500);
    },
    after: async (_, { cluster }) => {
      await untilAdmission(cluster, "nothing refuses a pod", ({ status }) => status === 201);
      expect((await create(cluster, "task")).stderr).toBe("");
    },
  },
  {
    heading: "Upgrade",
    before: applyOverlay,
    after: ([ran]) => {
      expect(ran?.stdout).toContain("configuration: fine");
      expect(ran?.stdout).toContain("successfully rolled out");
    },
  },
];

/** Commands that need what is not here: a registry's base image. `npm run test:image` runs them with one made locally. */
const NOT_HERE = ["The image"];

const cleanups: (() => Promise<unknown>)[] = [];

test("every command of the guides is in a section that is run", () => {
  const withCommands = new Set(BLOCKS.filter(isCommand).map(({ heading }) => heading));
  expect([...withCommands].toSorted()).toEqual(
    [...NOT_HERE, ...SECTIONS.map(({ heading }) => heading)].toSorted(),
  );
  expect(BLOCKS.filter(isCommand).length).toBeGreaterThanOrEqual(13);
});

describe("the commands work as they stand", () => {
  test.each(SECTIONS.map((section) => [section.heading, section] as const))(
    "%s",
    async (heading, { before, after }) => {
      const cluster = await startCluster();
      const stopReadiness = becomeReady(cluster);
      try {
        await installStubs(cluster);
        const place = { ...(await createPlace(cluster)), cluster };
        await before?.(place);
        const ran: Ran[] = [];
        for (const { text } of BLOCKS.filter((block) => block.heading === heading && isCommand(block))) {
          const result = await place.shell(text);
          expect(result.code, `${text}\n${result.stdout}${result.stderr}`).toBe(0);
          ran.push(result);
        }
        await after(ran, place);
      } finally {
        await stopReadiness();
        for (const cleanUp of cleanups.splice(0)) await cleanUp();
        await cluster.stop();
      }
    },
    90_000,
  );
});

test("the patch that leaves a policy out leaves out its binding alone", async () => {
  const patches = GUIDES.operate.find(({ language }) => language === "yaml")?.text ?? "";
  const cluster = await startCluster();
  try {
    const { folder, shell } = await createPlace(cluster);
    await writeFile(join(folder, "kustomization.yaml"), `${OVERLAY}${patches}`);
    const { code, stdout, stderr } = await shell("kubectl kustomize .");
    expect(code, stderr).toBe(0);
    expect(stdout.match(/^kind: ValidatingAdmissionPolicyBinding$/gm)).toHaveLength(1);
    expect(stdout.match(/^kind: ValidatingAdmissionPolicy$/gm)).toHaveLength(2);
  } finally {
    await cluster.stop();
  }
}, 60_000);

function isCommand({ language }: Block): boolean {
  return language === "sh";
}
