/**
 * The Helm chart's templates, made from the kustomize manifests, which are the source of truth. Their comments say what
 * becomes a value:
 *
 *     replicas: 2 #helm .Values.replicas           the value is an expression
 *     resources: #helm-block .Values.resources     the lines below it are an expression
 *     actions: [Warn, Audit] #helm-list .Values.x  the list is an expression
 *     #helm {{- with .Values.nodeSelector }}       a line of the template, copied literally
 *
 * Every file's namespace is the release's.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const KUBERNETES = join(import.meta.dirname, "../kubernetes");

/** Files of the kustomize tree, and the value that switches them on in the chart. */
const SOURCES: readonly { readonly from: string; readonly when?: string }[] = [
  { from: "base/service-account.yaml" },
  { from: "base/service.yaml" },
  { from: "base/deployment.yaml" },
  { from: "base/disruption-budget.yaml" },
  { from: "registration/mutating-webhook.yaml", when: ".Values.registration.enabled" },
  { from: "components/cert-manager/certificate.yaml", when: ".Values.certManager.enabled" },
  { from: "components/injection-guard/injected.yaml", when: ".Values.guard.enabled" },
  {
    from: "components/injection-guard/requested.yaml",
    when: "and .Values.guard.enabled .Values.guard.requested",
  },
  { from: "components/network-policy/network-policy.yaml", when: ".Values.networkPolicy.enabled" },
  { from: "components/monitoring/service-monitor.yaml", when: ".Values.monitoring.enabled" },
  { from: "components/preview/preview.yaml", when: ".Values.preview.enabled" },
];

/** Configuration files that the chart's ConfigMaps take in as they are. */
const COPIES = ["components/monitoring/monitoring.yaml", "components/preview/zz-preview.yaml"];

const HEAD = "{{- /* Made from config/kubernetes by config/helm/update.ts: change it there. */}}\n";

/** @returns the chart's generated files: path inside the chart, and text. */
export async function renderChart(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { from, when } of SOURCES) {
    const text = toTemplate(await read(from));
    files.set(`templates/${nameOf(from)}`, HEAD + (when ? `{{- if ${when} }}\n${text}{{- end }}\n` : text));
  }
  for (const from of COPIES) files.set(`files/${nameOf(from)}`, await read(from));
  return files;
}

function read(from: string): Promise<string> {
  return readFile(join(KUBERNETES, from), "utf8");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** One manifest as a template. */
function toTemplate(manifest: string): string {
  const lines: string[] = [];
  let skipBelow = -1;
  for (const line of manifest.trimEnd().split("\n")) {
    const indent = line.length - line.trimStart().length;
    if (skipBelow >= 0 && indent > skipBelow) continue;
    skipBelow = line.includes(" #helm-block ") ? indent : -1;
    lines.push(toLine(line, indent));
  }
  return `${lines.join("\n")}\n`;
}

function toLine(line: string, indent: number): string {
  const [text = "", marker = "", expression = ""] = line.split(/\s*(#helm(?:-block|-list)?) (.*)$/);
  switch (marker) {
    case "#helm-block":
      return `${text} {{- toYaml ${expression} | nindent ${indent + 2} }}`;
    case "#helm-list":
      return `${text.replace(/: .*/, "")}: {{ toJson ${expression} }}`;
    case "#helm":
      return text === "" ? " ".repeat(indent) + expression : `${withoutValue(text)} {{ ${expression} }}`;
    default:
      return line.replace(/namespace: flyte-vault-webhook$/, "namespace: {{ .Release.Namespace }}");
  }
}

/** `key: value` without the value, `- value` without it too. */
function withoutValue(text: string): string {
  return /^\s*[^\s:]+:(?= )/.exec(text)?.[0] ?? /^\s*-/.exec(text)?.[0] ?? text;
}
