/** From `-f` to inputs of previews, one for each file. */
import { cliIssues } from "../../core/issue/cli.ts";
import { type PreviewInput, readPreviewInput } from "../../preview/input/input.ts";
import type { CliIo } from "../io.ts";
import { report } from "../report.ts";
import { encodeUtf8, readSources, type Source } from "../source.ts";

/** A file's text, and what there is to review in it. */
export interface SourceInput extends Source {
  readonly input: PreviewInput;
  /** Namespace of objects that name none. */
  readonly namespace: string | undefined;
}

/**
 * Reads files, folders or standard input, and tells what is wrong with them, all of it.
 *
 * @param paths none means standard input
 * @returns the inputs with at least one pod among them, or nothing where something cannot be read
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
  const inputs = sources.value.flatMap((source) => readInput(source, namespace, mayBePodless, io));
  if (inputs.length < sources.value.length) return undefined;
  if (inputs.some(({ input }) => input.targets.length > 0)) return inputs;
  // None of several files has a pod: now each of them is refused.
  for (const source of sources.value) readInput(source, namespace, false, io);
  return undefined;
}

function readInput(
  source: Source,
  namespace: string | undefined,
  mayBePodless: boolean,
  io: CliIo,
): SourceInput[] {
  const { name, text } = source;
  const read = readPreviewInput(text, { encodeUtf8, namespace, mayBePodless });
  report(io, read.issues, name);
  if (!read.ok) return [];
  if (read.value.config !== undefined) {
    report(io, [cliIssues["cli.candidate-config"]({ file: name })]);
    return [];
  }
  return [{ ...source, input: read.value, namespace }];
}
