/** `secrets decode`: what a pod's annotations ask for. */
import { cliIssues } from "../../core/issue/cli.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { escapeControls } from "../../core/printable.ts";
import { decodeRequest } from "../../core/secret/codec.ts";
import { type FoundRequest, findRequests } from "../../core/secret/find.ts";
import { toPlainSecret } from "../../core/secret/render.ts";
import type { SecretRequest } from "../../core/secret/request.ts";
import { renderYaml } from "../../core/yaml.ts";
import { describe } from "../../preview/input/describe.ts";
import { createLocator } from "../../preview/input/locate.ts";
import { parseDocuments } from "../../preview/input/parse.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import type { CliIo } from "../io.ts";
import { report } from "../report.ts";
import { decodeUtf8, type InputText, readSources } from "../source.ts";

const NAME = "secrets decode";

/** Prints the requests in annotation values or in pods, decoded. */
export const secretsDecode = defineCommand({
  name: NAME,
  summary: "Show what a pod's annotations ask for",
  usage: "VALUE… | [-f FILE|FOLDER|-]…",
  about: `Takes values of flyte.secrets/s… annotations, or manifests: every such annotation in them is decoded, whatever their kind.
Prints the plain form, which \`secrets encode -f -\` and \`preview\` take. Exit code 1 where a value cannot be decoded.

Examples:
  flyte-vault-webhook secrets decode m4zg54lqhiqce32fmnzgk4bpmrqxiyjporswc2jcbjvwk5j1eargc3djfvvwk5jcbi
  kubectl get pod NAME -o yaml | flyte-vault-webhook secrets decode`,
  options: {
    file: {
      type: "list",
      short: "f",
      value: "PATH",
      summary: "A file, a folder, or - for standard input, which is the default without a VALUE",
    },
  },
  takesPositionals: true,
  run: async ({ values, positionals }, { io }) => {
    const found = positionals.map((value): Found => ({ annotation: "VALUE", value, place: "", note: "" }));
    if (positionals.length === 0 || values.file.length > 0) {
      const inFiles = await findInFiles(values.file, io);
      if (!inFiles) return Exit.usage;
      found.push(...inFiles);
    }
    const decoded = found.flatMap((each) => decode(each, io));
    if (decoded.length > 0) io.stdout(`secrets:\n${decoded.map(renderSecret).join("")}`);
    return decoded.length < found.length ? Exit.refused : Exit.fine;
  },
});

/** A value to decode. */
interface Found extends Pick<FoundRequest, "annotation" | "value"> {
  /** File, line and column, for messages. */
  readonly place: string;
  /** The origin, as shown in the output. */
  readonly note: string;
}

async function findInFiles(paths: readonly string[], io: CliIo): Promise<Found[] | undefined> {
  if (paths.length === 0 && io.isTerminal.stdin) {
    report(io, [cliIssues["cli.input-missing"]({ command: NAME })]);
    return undefined;
  }
  const sources = await readSources(paths.length === 0 ? ["-"] : paths, io);
  report(io, sources.issues);
  if (!sources.ok) return undefined;
  const found = sources.value.map((source) => findInSource(source, io));
  if (found.some((each) => each === undefined)) return undefined;
  const all = found.flatMap((each) => each ?? []);
  if (all.length > 0) return all;
  const files = sources.value.map(({ name }) => name).join(", ");
  report(io, [cliIssues["cli.requests-none"]({ files })]);
  return undefined;
}

function findInSource({ name, text }: InputText, io: CliIo): Found[] | undefined {
  const parsed = parseDocuments(text);
  report(io, parsed.issues, name);
  if (!parsed.ok) return undefined;
  const locate = createLocator(text);
  return parsed.value.flatMap((document, index) =>
    findRequests(document).map(({ annotation, value, pointer }) => {
      const at = locate(index, pointer);
      return { annotation, value, place: at ? `${name}:${at.line}:${at.column}` : name, note: annotation };
    }),
  );
}

function decode({ annotation, value, place, note }: Found, io: CliIo): Decoded[] {
  const request = typeof value === "string" ? decodeRequest(value, annotation, decodeUtf8) : undefined;
  if (request && !isIssue(request)) return [{ request, note }];
  const issue = request ?? cliIssues["cli.request-not-text"]({ annotation, found: describe(value) });
  report(io, [issue], place);
  return [];
}

interface Decoded {
  readonly request: SecretRequest;
  readonly note: string;
}

function isIssue(decoded: SecretRequest | Issue): decoded is Issue {
  return "code" in decoded;
}

function renderSecret({ request, note }: Decoded): string {
  const comment = note === "" ? [] : [`# ${escapeControls(note)}`];
  const lines = [
    ...comment,
    ...renderYaml([[toPlainSecret(request)]])
      .trimEnd()
      .split("\n"),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}
