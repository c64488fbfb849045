/** Messages about the command line and its input files. */
import { defineIssues, quote } from "./define.ts";

const PROGRAM = "flyte-vault-webhook";

/** An unknown name, and the known name that is most likely meant. */
interface Unknown {
  readonly name: string;
  readonly nearest: string | undefined;
}

/** The command to show help for; empty for the program itself. */
interface OfCommand {
  readonly command: string;
}

const seeHelp = ({ command }: OfCommand): string =>
  `Run \`${PROGRAM}${command === "" ? "" : ` ${command}`} --help\``;

const meantOr = ({ nearest }: Unknown, otherwise: string): string =>
  nearest === undefined ? otherwise : `Did you mean ${nearest}? ${otherwise}`;

/** Issues about the command line, by code. */
export const cliIssues = defineIssues({
  "cli.command-missing": {
    severity: "error",
    message: (f: OfCommand & { known: string }) =>
      f.command === "" ? "No command given" : `${PROGRAM} ${f.command} needs a subcommand: ${f.known}`,
    help: seeHelp,
  },
  "cli.command-unknown": {
    severity: "error",
    message: (f: Unknown & OfCommand) => `Unknown command ${quote(f.name)}`,
    help: (f: Unknown & OfCommand) => meantOr(f, seeHelp(f)),
  },
  "cli.option-unknown": {
    severity: "error",
    message: (f: Unknown & OfCommand) => `Unknown option ${f.name} for ${f.command}`,
    help: (f: Unknown & OfCommand) => meantOr(f, seeHelp(f)),
  },
  "cli.option-value-missing": {
    severity: "error",
    message: (f: OfCommand & { option: string; expected: string }) =>
      `The option ${f.option} needs a value: ${f.option} ${f.expected}`,
    help: (f: OfCommand & { option: string }) =>
      `Put the value after it; write ${f.option}=VALUE if the value begins with a dash`,
  },
  "cli.option-value-unwanted": {
    severity: "error",
    message: (f: { option: string; value: string }) =>
      `The option ${f.option} takes no value, found ${quote(f.value)}`,
    help: "Leave the value out",
  },
  "cli.option-value": {
    severity: "error",
    message: (f: { option: string; value: string; choices: string; nearest: string | undefined }) =>
      `Unknown value ${quote(f.value)} for ${f.option}: expected ${f.choices}`,
    help: (f: { choices: string; nearest: string | undefined }) =>
      f.nearest === undefined ? `Use one of: ${f.choices}` : `Did you mean ${f.nearest}?`,
  },
  "cli.option-twice": {
    severity: "error",
    message: (f: { option: string }) => `The option ${f.option} is given more than once`,
    help: "Give it once",
  },
  "cli.option-missing": {
    severity: "error",
    message: (f: OfCommand & { option: string }) => `${f.command} needs ${f.option}`,
    help: seeHelp,
  },
  "cli.options-exclusive": {
    severity: "error",
    message: (f: { one: string; other: string }) => `${f.one} and ${f.other} cannot be used together`,
    help: "Use one of them",
  },
  "cli.argument-unexpected": {
    severity: "error",
    message: (f: OfCommand & { argument: string }) =>
      `Unexpected argument ${quote(f.argument)} for ${f.command}`,
    help: seeHelp,
  },
  "cli.annotation-name": {
    severity: "error",
    message: (f: { suffix: string; reason: string }) =>
      `${quote(f.suffix)} cannot end the name of an annotation flyte.secrets/s…: ${f.reason}`,
    help: "Use a number such as 0, or letters, digits, dashes, dots and underscores",
  },
  "cli.kubernetes-name": {
    severity: "error",
    message: (f: { option: string; name: string }) =>
      `Invalid value ${quote(f.name)} for ${f.option}: Kubernetes does not accept it as a name`,
    help: "Use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit",
  },
  "cli.input-missing": {
    severity: "error",
    message: (f: OfCommand) => `${f.command} has nothing to read: standard input is the terminal`,
    help: "Name a file or a folder with -f, or pipe something in; -f - reads what you type until Ctrl-D",
  },
  "cli.input-twice": {
    severity: "error",
    message: () => "Standard input can be read only once, but -f - is given more than once",
    help: "Give -f - once",
  },
  "cli.input-unreadable": {
    severity: "error",
    message: (f: { file: string; reason: string }) => `Cannot read ${quote(f.file)}: ${f.reason}`,
    help: "Name a file or a folder that you can read",
  },
  "cli.input-binary": {
    severity: "error",
    message: (f: { file: string }) => `Cannot read ${quote(f.file)}: it is not UTF-8 text`,
    help: "Give uncompressed YAML or JSON in UTF-8",
  },
  "cli.input-too-large": {
    severity: "error",
    message: (f: { file: string; limit: number }) =>
      `Cannot read ${quote(f.file)}: it is larger than ${f.limit} bytes`,
    help: "Split it into several files",
  },
  "cli.folder-empty": {
    severity: "error",
    message: (f: { folder: string }) =>
      `The folder ${quote(f.folder)} has no manifests: it has no *.yaml, *.yml or *.json file`,
    help: "Name the files, or a folder that has some; subfolders are not searched",
  },
  "cli.candidate-config": {
    severity: "error",
    message: (f: { file: string }) => `${f.file} has a \`config\`, which only POST /preview accepts`,
    help: "Put it into a separate file, and name that file with --config",
  },
  "cli.requests-none": {
    severity: "error",
    message: (f: { files: string }) => `Found no secret request (annotation flyte.secrets/s…) in ${f.files}`,
    help: "Name a pod or a workload whose pods ask for secrets",
  },
  "cli.request-not-text": {
    severity: "error",
    message: (f: { annotation: string; found: string }) =>
      `Cannot decode secret request ${f.annotation}: expected a string, found ${f.found}`,
    help: "Put the value in quotes",
  },
  "cli.pod-asks-nothing": {
    severity: "info",
    message: (f: { pod: string }) =>
      `${f.pod} asks for no secrets (it has no annotation flyte.secrets/s…) and stays unchanged`,
    help: "Nothing to do, unless it should ask for some: `flyte-vault-webhook secrets encode` writes the annotation",
  },
  "cli.pod-injected": {
    severity: "info",
    message: (f: { pod: string }) => `${f.pod} is already injected and stays unchanged`,
    help: "Use --as-created to see what it would get if it were created now",
  },
  "cli.pod-kept": {
    severity: "info",
    message: (f: { pod: string; keys: string }) =>
      `${f.pod} has annotations that the webhook would not set today; they count as the pod's own and override the webhook's: ${f.keys}`,
    help: "If the webhook set them under an earlier configuration, remove them from the input",
  },
  "cli.threshold": {
    severity: "error",
    message: (f: { count: number; severity: string }) =>
      `Found ${f.count} ${f.count === 1 ? "issue" : "issues"} of severity ${f.severity} or higher (--fail-on ${f.severity})`,
    help: "Correct them, or raise --fail-on",
  },
  "cli.code-unknown": {
    severity: "error",
    message: (f: { code: string; nearest: string | undefined }) => `Unknown issue code ${quote(f.code)}`,
    help: (f: { nearest: string | undefined }) =>
      meantOr({ name: "", nearest: f.nearest }, `\`${PROGRAM} explain\` lists all codes`),
  },
  "cli.system": {
    severity: "error",
    message: (f: { reason: string }) => `The operating system did not allow an operation: ${f.reason}`,
    help: "Correct the cause, such as a missing permission, a port in use or a full disk",
  },
  "cli.defect": {
    severity: "error",
    message: (f: { reason: string }) => `The program failed because of a defect: ${f.reason}`,
    help: "Report it with the lines above and the command that led to it",
  },
});
