/** Everything that an installation is made of, for one configuration: config/kubernetes with the configuration in it. */
import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { manifestIssues } from "../core/issue/manifests.ts";
import { nearest } from "../core/nearest.ts";
import { renderYaml } from "../core/preview/yaml.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { buildManifests, type Manifest } from "./kustomize.ts";

/** What is to be installed. */
export interface ManifestOrder {
  /** The configuration's files, in the order of merging. */
  readonly files: readonly string[];
  /** What they come to. */
  readonly config: {
    readonly webhook: Readonly<Record<keyof (typeof FIXED)["webhook"], string | number>>;
    readonly server: { readonly management: { readonly port: number } };
  };
  /** Name and tag of the image. */
  readonly image: string;
  /** Folders of config/kubernetes/components, in this order. */
  readonly components: readonly string[];
  /** PEM file of the authority, where cert-manager does not put it into the registration. */
  readonly authority?: string | undefined;
}

/** Settings that stand in several manifests, so that a configuration cannot choose them there. */
const FIXED = {
  webhook: { serviceName: "flyte-vault-webhook", listenPort: 9443, certDir: "/etc/webhook/certs" },
  server: { management: { port: 8080 } },
} as const;

/** Read after the configuration's own files, as folders are read by name. */
const FIXED_FILE = "zz-manifests.yaml";
const FIXED_TEXT = `# What the manifests have in other places, too; it wins over the configuration beside it.
${renderYaml([FIXED])}`;

const FOLDER = new URL("../../config/kubernetes/", import.meta.url);
const NAME = "flyte-vault-webhook";

/** In this order `kubectl apply` is never told of what is not there yet; the registration waits for what it calls. */
const ORDER = ["Namespace", "ServiceAccount", "ConfigMap", "Service", "Deployment"];
const LAST = ["MutatingWebhookConfiguration", "ValidatingAdmissionPolicyBinding"];

/** @returns YAML, or every reason why there is none */
export async function renderManifests(order: ManifestOrder): Promise<Result<string>> {
  const { components, config, files, authority } = order;
  const known = (await readdir(new URL("components", FOLDER))).toSorted();
  const names = known.join(", ");
  const issues = components
    .filter((name) => !known.includes(name))
    .map((name) =>
      manifestIssues["manifests.component-unknown"]({ name, known: names, nearest: nearest(name, known) }),
    );
  const bundle = authority === undefined ? undefined : await readBundle(authority);
  if (bundle && !bundle.ok) issues.push(...bundle.issues);
  if (isNonEmpty(issues)) return failure(issues);
  const folders = ["base", ...components.map((name) => `components/${name}`)];
  const built = await buildManifests(folders, (path) => readFile(new URL(path, FOLDER), "utf8"));
  const data = { ...(await readConfiguration(files)), ...(!isFixed(config) && { [FIXED_FILE]: FIXED_TEXT }) };
  const finished = built.map((one) => fill(one, order.image, data, bundle?.ok ? bundle.value : undefined));
  return success(renderYaml(finished.toSorted((a, b) => rank(a) - rank(b))));
}

function isFixed({ webhook, server }: ManifestOrder["config"]): boolean {
  const { serviceName, listenPort, certDir } = FIXED.webhook;
  return (
    webhook.serviceName === serviceName &&
    webhook.listenPort === listenPort &&
    webhook.certDir === certDir &&
    server.management.port === FIXED.server.management.port
  );
}

/** The certificate in base64, as a registration has it. */
async function readBundle(file: string): Promise<Result<string>> {
  try {
    const bytes = await readFile(file);
    if (!new X509Certificate(bytes).ca) throw new Error("it must not sign others");
    return success(bytes.toString("base64"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure([manifestIssues["manifests.authority"]({ file, reason })]);
  }
}

/** Several files keep their order: the webhook reads its folder by name, components' files before and after these. */
async function readConfiguration(files: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const data: Record<string, string> = {};
  for (const [i, file] of files.entries()) {
    const name =
      files.length === 1 ? "webhook.yaml" : `webhook-${String(i).padStart(3, "0")}-${basename(file)}`;
    data[name] = await readFile(file, "utf8");
  }
  return data;
}

function fill(
  manifest: Manifest,
  image: string,
  configuration: Readonly<Record<string, string>>,
  caBundle: string | undefined,
): Manifest {
  const { kind, metadata } = manifest;
  if (kind === "ConfigMap" && metadata.name === NAME) {
    const { "webhook.yaml": _, ...others } = Object(manifest.data);
    return { ...manifest, data: { ...others, ...configuration } };
  }
  if (kind === "Deployment")
    return replaceAll(manifest, "image", (old) => (String(old).startsWith(`${NAME}:`) ? image : old));
  if (kind === "MutatingWebhookConfiguration" && caBundle !== undefined) {
    return replaceAll(manifest, "clientConfig", (old) => ({ ...Object(old), caBundle }));
  }
  return manifest;
}

/** The same manifest with every field of a name changed. */
function replaceAll(manifest: Manifest, field: string, change: (old: unknown) => unknown): Manifest {
  return JSON.parse(JSON.stringify(manifest), (key, value) => (key === field ? change(value) : value));
}

function rank({ kind }: Manifest): number {
  const [first, last] = [ORDER.indexOf(kind), LAST.indexOf(kind)];
  if (last >= 0) return ORDER.length + 1 + last;
  return first >= 0 ? first : ORDER.length;
}
