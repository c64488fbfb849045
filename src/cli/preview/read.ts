/** Reads the files of `-f` into inputs of previews, one for each file. */
import { cliIssues } from "../../core/issue/cli.ts";
import { collectPreviewInput, type PreviewInput, readPreviewInput } from "../../preview/input/input.ts";
import { createItemReader } from "../../preview/input/items.ts";
import { MAX_TARGETS } from "../../preview/input/target.ts";
import type { CliIo } from "../io.ts";
import { report } from "../report.ts";
import { encodeUtf8, type InputText, readSources } from "../source.ts";

/** A file's text, and the pods in it. */
export interface SourceInput extends InputText {
  readonly input: PreviewInput;
  /** Namespace of objects that name none. */
  readonly namespace: string | undefined;
}

/**
 * Reads files, folders or standard input, and reports every error.
 *
 * @param paths none means standard input
 * @returns the inputs, with at least one pod among them; `undefined` if anything cannot be read
 */
export async function readInputs(
  paths: readonly string[],
  namespace: string | undefined,
  io: CliIo,
): Promise<readonly SourceInput[] | undefined> {
  if (paths.length === 0 && io.isTerminal.stdin) {
    report(io, [cliIssues["cli.input-missing"]({ command: "preview" })]);
    return undefined;
  }
  const sources = await readSources(paths.length === 0 ? ["-"] : paths, io);
  report(io, sources.issues);
  if (!sources.ok) return undefined;
  const mayBePodless = sources.value.length > 1;
  const read = sources.value.map((source) => readInput(source, namespace, mayBePodless, io));
  if (read.some((inputs) => inputs.length === 0)) return undefined;
  const inputs = read.flat();
  if (inputs.some(({ input }) => input.targets.length > 0)) return inputs;
  // If none of several files has a pod, report each of them.
  for (const source of sources.value) readInput(source, namespace, false, io);
  return undefined;
}

function readInput(
  source: InputText,
  namespace: string | undefined,
  mayBePodless: boolean,
  io: CliIo,
): SourceInput[] {
  const { name, text } = source;
  const read = readPreviewInput(text, { encodeUtf8, namespace, mayBePodless });
  // The limits protect a server. The command line has no other users, so it reviews a longer list in parts.
  if (!read.ok && read.issues.every(({ code }) => LIMITS.has(code))) return readParts(source, namespace, io);
  report(io, read.issues, name);
  if (!read.ok) return [];
  if (read.value.config !== undefined) {
    report(io, [cliIssues["cli.candidate-config"]({ file: name })]);
    return [];
  }
  return [{ ...source, input: read.value, namespace }];
}

const LIMITS: ReadonlySet<string> = new Set([
  ...["preview.too-many-objects", "preview.too-large", "preview.too-complex", "preview.too-many-documents"],
]);

/** Characters that are read at a time. */
const PIECE = 65_536;

/** @returns an input for every {@link MAX_TARGETS} items, each as a separate List; empty if an item cannot be read */
function readParts({ name, text }: InputText, namespace: string | undefined, io: CliIo): SourceInput[] {
  const reader = createItemReader();
  const items: unknown[] = [];
  const pieces = Math.ceil(text.length / PIECE);
  for (let at = 0; at <= pieces; at++) {
    const found = at < pieces ? reader.push(text.slice(at * PIECE, (at + 1) * PIECE)) : reader.end();
    if (found.ok) items.push(...found.value);
    else {
      report(io, found.issues, name);
      return [];
    }
  }
  const parts: SourceInput[] = [];
  for (let from = 0; from < items.length; from += MAX_TARGETS) {
    const part = items.slice(from, from + MAX_TARGETS);
    const place = `${name} items ${from + 1} to ${from + part.length}`;
    const list = { apiVersion: "v1", kind: "List", items: part };
    const input = collectPreviewInput([list], { encodeUtf8, namespace, mayBePodless: true });
    report(io, input.issues, place);
    if (!input.ok) return [];
    // Without the text, an issue is located by the pod's name only.
    parts.push({ name: place, text: "", input: input.value, namespace });
  }
  return parts;
}
