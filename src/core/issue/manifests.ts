/** Messages about the manifests of an installation, and about objects that they need. */
import { defineIssues, quote } from "./define.ts";

/** An object that the operator must create, and the command for it. */
interface Needed {
  readonly kind: string;
  readonly name: string;
  readonly keys: string;
  readonly command: string;
}

/** A file that a setting names, and how to provide it. */
interface Absent {
  readonly setting: string;
  readonly file: string;
  readonly place: string;
}

/** Issues about manifests, by code. */
export const manifestIssues = defineIssues({
  "manifests.option": {
    severity: "error",
    message: (f: { option: string; value: string; expected: string }) =>
      `Invalid value ${quote(f.value)} for ${f.option}: expected ${f.expected}`,
    help: (f: { option: string; expected: string }) => `Set ${f.option} to ${f.expected}`,
  },
  "manifests.observe": {
    severity: "error",
    message: (f: { mode: string }) =>
      f.mode === "observe"
        ? "Cannot print manifests for policy.mode observe without the component observe: the registration would have failurePolicy Fail"
        : "Cannot print the component observe for policy.mode enforce: the API server would ignore failures, and Flyte's webhook would serve the pods as well",
    help: (f: { mode: string }) =>
      f.mode === "observe" ? "Add --with observe" : "Leave out --with observe, or set policy.mode: observe",
  },
  "manifests.component-alone": {
    severity: "error",
    message: (f: { component: string; changed: string }) =>
      `Cannot print the component ${f.component} without ${f.changed}, whose objects it changes`,
    help: (f: { component: string; changed: string }) =>
      `Leave out --with ${f.component}, or --without ${f.changed}`,
  },
  "manifests.observe-pilot": {
    severity: "error",
    message: () =>
      "Cannot print a pilot for policy.mode observe: Flyte's webhook would no longer serve the pilot's pods, and this one would not change them",
    help: "Set policy.mode: enforce and leave out --with observe, or leave out --pilot",
  },
  "manifests.authority": {
    severity: "error",
    message: (f: { file: string; found: string }) =>
      `${quote(f.file)} cannot be the authority that the API server trusts: it holds ${f.found}`,
    help: "Give a file with the authority's certificate (PEM) and nothing else, because the output is public",
  },
  "manifests.no-authority": {
    severity: "error",
    message: () =>
      "Cannot print the registration without an authority: the API server would trust no webhook, and refuse every pod that asks for secrets",
    help: "Name the authority of your own certificate with --ca-bundle, or leave out --without cert-manager",
  },
  "manifests.section": {
    severity: "error",
    message: (f: { file: string; section: string }) =>
      `Cannot put ${quote(f.file)} into a ConfigMap: the section ${f.section} is not the webhook's, and everyone who can read ConfigMaps could read it`,
    help: "Copy the sections version, webhook, plugins, policy, server, audit and injector to a separate file, and name that file",
  },
  "manifests.token": {
    severity: "error",
    message: (f: { file: string }) =>
      `Cannot put ${quote(f.file)} into a ConfigMap: server.preview.token is a literal token, and everyone who can read ConfigMaps could read it`,
    help: `Replace it by \${env:PREVIEW_TOKEN}, and keep the token in a Secret`,
  },
  "manifests.needed": {
    severity: "info",
    message: (f: Needed) =>
      `The pods need the ${f.kind} ${f.name} with ${f.keys}, which is not part of the output`,
    help: (f: Needed) => `Create it first, for example with ${f.command}`,
  },
  "manifests.file": {
    severity: "warning",
    message: (f: Absent) => `${f.setting} names ${quote(f.file)}, but the pods do not have this file`,
    help: (f: Absent) => f.place,
  },
});
