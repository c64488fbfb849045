/** `manifests`: everything that an installation is made of, for a configuration. */
import { resolve } from "node:path";
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import { Exit } from "../exit.ts";
import { CONFIG } from "../options.ts";
import { report } from "../report.ts";

const USUAL = ["injection-guard", "network-policy"];

export const manifests = defineCommand({
  name: "manifests",
  summary: "Print the manifests of an installation with a configuration",
  usage: "[--config PATH]… [--image IMAGE] [--ca FILE] [--with COMPONENT]… [--without COMPONENT]…",
  about: `Prints the same as kustomize with an overlay over config/kubernetes: the base, the components cert-manager (with --ca:
own-certificates), injection-guard and network-policy, and those of --with. The configuration's files are in its ConfigMap as
they are, \${env:…} included; names and ports that stand in other manifests, too, win over it (zz-manifests.yaml). Nothing is sent anywhere; pipe it to kubectl.

Examples:
  flyte-vault-webhook manifests --image registry.example.com/flyte-vault-webhook:0.1.0 --with preview
  flyte-vault-webhook manifests | kubectl apply -f -`,
  options: {
    config: CONFIG,
    image: {
      type: "text",
      value: "IMAGE",
      summary: "Name and tag (default: flyte-vault-webhook and this version)",
    },
    ca: {
      type: "text",
      value: "FILE",
      summary:
        "Certificate of your authority, such as `certs` writes as ca.crt, where there is no cert-manager",
    },
    with: { type: "list", value: "COMPONENT", summary: "One more folder of config/kubernetes/components" },
    without: { type: "list", value: "COMPONENT", summary: "A component to leave out" },
  },
  run: async ({ values }, { io, deps }) => {
    const { ca, image = `flyte-vault-webhook:${deps.version}`, without } = values;
    const usual = [ca === undefined ? "cert-manager" : "own-certificates", ...USUAL];
    const rendered = await deps.renderManifests(
      {
        paths: toConfigPaths(values.config, io),
        image,
        components: [...new Set([...usual, ...values.with])].filter((name) => !without.includes(name)),
        authority: ca === undefined ? undefined : resolve(io.cwd, ca),
      },
      io.env,
    );
    report(io, rendered.issues);
    if (!rendered.ok) return Exit.usage;
    io.stdout(rendered.value);
    return Exit.fine;
  },
});
