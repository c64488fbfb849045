/** What is told about the manifests of an installation. */
import { defineIssues, quote } from "./issue.ts";

/** An object that the operator makes, and the command that does it. */
interface Needed {
  readonly kind: string;
  readonly name: string;
  readonly keys: string;
  readonly command: string;
}

/** A file that a setting names, and what to do with it. */
interface Absent {
  readonly setting: string;
  readonly file: string;
  readonly place: string;
}

export const manifestIssues = defineIssues({
  "manifests.option": {
    severity: "error",
    message: (f: { option: string; value: string; wanted: string }) =>
      `The option ${f.option} is ${quote(f.value)}; wanted is ${f.wanted}`,
    help: (f: { option: string; wanted: string }) => `Set ${f.option} to ${f.wanted}`,
  },
  "manifests.authority": {
    severity: "error",
    message: (f: { file: string; found: string }) =>
      `${quote(f.file)} cannot be the authority that the API server trusts: it holds ${f.found}`,
    help: "Give the file with the authority's certificate (PEM), and nothing else in it: what is printed is public",
  },
  "manifests.needed": {
    severity: "info",
    message: (f: Needed) => `The pods need the ${f.kind} ${f.name} with ${f.keys}, which is not printed`,
    help: (f: Needed) => `Create it before, such as with ${f.command}`,
  },
  "manifests.file": {
    severity: "warning",
    message: (f: Absent) => `${f.setting} names ${quote(f.file)}, a file that the pods do not have`,
    help: (f: Absent) => f.place,
  },
});
