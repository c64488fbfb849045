/** Renders a preview's answer as text for a terminal: what each pod gets, and where each line comes from. */
import { quote } from "../../core/issue/define.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import type { Source } from "../../core/layer.ts";
import { escapeControls } from "../../core/printable.ts";
import { FLYTE_VOLUME_PATH, VaultKey, VaultKeyPrefix } from "../../core/vault/key.ts";
import type { PreviewAnswer, PreviewResult } from "../answer.ts";

const LONGEST_CELL = 60;

type Row = readonly string[];

/** @returns text without colours or control characters; every line ends with a line feed */
export function renderTable(answer: PreviewAnswer): string {
  return answer.results.map(renderResult).join("\n");
}

function renderResult(result: PreviewResult): string {
  const { kind, namespace, name } = result;
  const title = `${kind || "Object"} ${namespace}/${name || "(no name)"}: ${toVerdict(result)}`;
  const blocks = [
    renderRows(["ANNOTATION", "VALUE", "SET BY"], toAnnotationRows(result)),
    renderRows(["VARIABLE", "VALUE", "CONTAINER", "SET BY"], toEnvRows(result)),
    renderRows(["REQUEST FIELD", "VALUE", "CHANGED BY"], toChangeRows(result)),
    renderRows(["FILE", "REQUEST", "READ BY"], toFileRows(result)),
    renderRows(["INJECTOR ADDS", "NAME", "WHERE"], toInjectedRows(result)),
    renderRows(["ISSUE", "CODE", "MESSAGE"], toIssueRows(result)),
  ];
  return [`${escapeControls(title)}\n`, ...blocks.filter((block) => block !== "")].join("\n");
}

/** A pod without the label is allowed but gets nothing, because the API server does not send it to the webhook. */
function toVerdict({ allowed, issues }: PreviewResult): string {
  if (!allowed) return "refused";
  return issues.some(({ code }) => code === "pod.label-missing") ? "never reaches the webhook" : "allowed";
}

function toAnnotationRows({ annotations }: PreviewResult): Row[] {
  return annotations.map(({ key, value, source, overrides }) => {
    const lost = overrides.map((override) => nameSource(override.source)).join(", ");
    return [key, shorten(value), nameSource(source) + (lost === "" ? "" : ` (overrides ${lost})`)];
  });
}

function toEnvRows({ env }: PreviewResult): Row[] {
  return env.map(({ container, init, name, value, source, replaced }) => {
    const note = replaced === undefined ? "" : ` (was ${quote(replaced)})`;
    const where = init ? `${container} (init)` : container;
    return [name, shorten(quote(value)) + note, where, nameSource(source)];
  });
}

function toChangeRows({ requests }: PreviewResult): Row[] {
  return requests.flatMap(({ annotation, changes = [] }) =>
    changes.map(({ field, from, value, source }) => [
      `${annotation} ${field}`,
      `${shorten(JSON.stringify(value))} (was ${shorten(JSON.stringify(from))})`,
      nameSource(source),
    ]),
  );
}

function toFileRows({ requests, annotations }: PreviewResult): Row[] {
  const values = new Map(annotations.map(({ key, value }) => [key, value]));
  const shared = values.get(VaultKey.secretVolumePath) ?? FLYTE_VOLUME_PATH;
  return requests.flatMap(({ annotation, group, key, files }) =>
    files.map(({ id, path, for: readers }) => {
      const folder = values.get(VaultKeyPrefix.volume + id) ?? shared;
      return [`${folder.replace(/\/$/, "")}/${path}`, `${annotation} ${group}#${key}`, readers.join(", ")];
    }),
  );
}

/** @returns volumes, containers and mounts that the injector adds, or its message if it refuses the pod */
function toInjectedRows({ injected }: PreviewResult): Row[] {
  if (!injected) return [];
  const model = `model of vault-k8s ${injected.version}`;
  if (!injected.allowed) return [["nothing: the pod is refused", injected.message ?? "", model]];
  if (injected.message !== null) return [["nothing", injected.message, model]];
  return injected.patch.flatMap((operation): Row[] => {
    if (operation.op !== "add") return [];
    const [, list = "", index = ""] = /^\/spec\/(\w+)(?:\/(\d+)\/volumeMounts)?/.exec(operation.path) ?? [];
    const added: readonly unknown[] = Array.isArray(operation.value) ? operation.value : [operation.value];
    return added.filter(isObject).map((value) => toAddedRow(value, list, index));
  });
}

function toAddedRow(value: JsonObject, list: string, index: string): Row {
  const name = String(value.name);
  if (index !== "") return ["mount", name, `${String(value.mountPath)} in ${list}[${index}]`];
  if (list === "volumes") return ["volume", name, ""];
  return [list === "containers" ? "container" : "init container", name, String(value.image)];
}

/** The help is in the row below its message. */
function toIssueRows({ issues }: PreviewResult): Row[] {
  return issues.flatMap(({ severity, code, message, help }) => [
    [severity, code, message],
    ["", "", help],
  ]);
}

function nameSource(source: Source): string {
  switch (source.kind) {
    case "secret":
      return `secret ${source.annotation}`;
    case "config":
      return `config ${source.path}`;
    case "plugin":
      return `plugin ${source.name}`;
    default:
      return source.kind;
  }
}

/** Pads all columns but the last to their longest cell. */
function renderRows(head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const cells = [head, ...rows].map((row) => row.map(escapeControls));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? "")].length)));
  return cells
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => pad(cell, widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - [...cell].length));
}

function shorten(value: string): string {
  const characters = [...value];
  return characters.length > LONGEST_CELL ? `${characters.slice(0, LONGEST_CELL - 1).join("")}…` : value;
}
