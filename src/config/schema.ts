/**
 * The schema of a configuration, with its defaults. Names are checked before (names.ts), so that every unknown name is
 * reported with the nearest known one.
 */
import * as v from "valibot";
import { FILE_CLIENTS } from "../core/settings.ts";
import { PROFILES } from "../core/vault/profile.ts";
import { MODELLED_VERSION } from "../injector/flags.ts";
import { globs, PluginEntrySchema } from "./plugin-entry.ts";
import { about, port, weakInteger } from "./weak.ts";
import { WebhookSchema } from "./webhook.ts";

const flag = v.boolean("true or false");
// These are checks, which the JSON Schema leaves out: an editor must not complain about ${env:NAME}.
const ADDRESS = "a host name or an IP address, without a scheme and a port";
const address = v.pipe(
  v.string(ADDRESS),
  v.nonEmpty(ADDRESS),
  v.check((text) => /^(?:[\w.-]+|\[?[\da-f:.]*:[\da-f.]*:[\da-f:.]*\]?)$/i.test(text), ADDRESS),
);
const HOST = "a host name such as preview.example.com, without a scheme and a port";
// Browsers send no other names (WHATWG URL, host writing); a `*` would match nothing.
const host = v.pipe(
  v.string(HOST),
  v.nonEmpty(HOST),
  v.check((text) => /^[\w-]+(?:\.[\w-]+)*\.?$/.test(text), HOST),
);

/** What a client can send (RFC 6750, section 2.1): anything else would never be accepted. */
const TOKEN = "a text of visible ASCII characters, without blanks and line breaks";

const FILE_NAMES = "flyte, flytekit or flyte-sdk, or a list of them";
const FileClient = v.picklist(FILE_CLIENTS, FILE_NAMES);

const policy = v.strictObject(
  {
    profile: v.optional(
      about(
        v.picklist(PROFILES, "flyte or hardened"),
        "What pods may choose themselves: everything, as in Flyte, or only resources, log settings and lifecycle",
      ),
      "flyte",
    ),
    ids: v.optional(
      about(
        v.picklist(["stable", "random"], "stable or random"),
        "Ids in annotation names: the same for the same request, or random as Flyte's",
      ),
      "stable",
    ),
    fileNames: v.optional(
      about(
        v.union(
          [FileClient, v.pipe(v.array(FileClient, FILE_NAMES), v.nonEmpty(FILE_NAMES), v.readonly())],
          FILE_NAMES,
        ),
        "Names of a secret's file: Flyte's, and also the one that flytekit or the v2 SDK (flyte-sdk) looks for; one or a list",
      ),
      "flyte",
    ),
    envVars: v.optional(
      about(
        v.union(
          [
            v.literal("refuse"),
            v.strictObject({
              mode: about(
                v.literal("file-key-ref"),
                "env[].valueFrom.fileKeyRef, from a file that the agent writes",
              ),
              nodes: about(
                v.literal("all-1.35-or-newer"),
                "Confirms that every node for tasks has a kubelet of 1.35 or newer: older ones set an empty variable",
              ),
            }),
          ],
          "refuse, or { mode: file-key-ref, nodes: all-1.35-or-newer }",
        ),
        "Requests for environment variables: refused, or set by the kubelet from a file (Kubernetes 1.35 or newer on all nodes)",
      ),
      "refuse",
    ),
    locked: v.optional(about(globs, "Annotation keys (globs) that the pod may not change"), []),
    denied: v.optional(
      about(globs, "Annotation keys (globs) that must not be set by pods, plugins or this file"),
      [],
    ),
    mode: v.optional(
      about(
        v.picklist(["enforce", "observe"], "enforce or observe"),
        "observe: allow every pod unchanged and only compare with Flyte's webhook; a change needs a restart",
      ),
      "enforce",
    ),
    strict: v.optional(about(flag, "Whether issues of severity error refuse the pod"), false),
    unclaimed: v.optional(
      about(v.picklist(["deny"], "deny"), "What happens to a request that Vault cannot serve"),
      "deny",
    ),
  },
  "a map",
);

const server = v.strictObject(
  {
    admission: v.optional(
      about(
        v.strictObject(
          { host: v.optional(about(address, "Address that the admission listener is bound to"), "0.0.0.0") },
          "a map",
        ),
        "The listener that the API server calls; its port is webhook.listenPort",
      ),
      {},
    ),
    management: v.optional(
      about(
        v.strictObject(
          {
            port: v.optional(about(port, "Port of the management listener"), 8080),
            host: v.optional(about(address, "Address that it is bound to"), "127.0.0.1"),
            hosts: v.optional(
              about(
                v.array(host, "a list of host names"),
                "Host names that browsers and tools may use for /preview and the page, besides loopback names and IP addresses",
              ),
              [],
            ),
          },
          "a map",
        ),
        "The listener of /preview, /metrics and the page",
      ),
      {},
    ),
    preview: v.optional(
      about(
        v.strictObject(
          {
            enabled: v.optional(about(flag, "Whether /preview and the page are served"), true),
            // With an empty token, /preview would look protected but accept every request.
            token: v.optional(
              about(
                v.pipe(
                  v.string(TOKEN),
                  v.nonEmpty(TOKEN),
                  v.check((text) => /^[\x21-\x7e]+$/.test(text), TOKEN),
                ),
                `Bearer token that /preview requires, such as \${env:PREVIEW_TOKEN}`,
              ),
            ),
          },
          "a map",
        ),
        "What a pod would get, without creating it",
      ),
      {},
    ),
    clientCa: v.optional(
      about(
        v.pipe(v.string("a file's path"), v.nonEmpty("a file's path")),
        "File with CA certificates (PEM); if set, /mutate answers only clients with a certificate that one of them issued",
      ),
    ),
    drainSeconds: v.optional(
      about(
        v.pipe(
          v.number("a number of seconds"),
          v.minValue(0, "a number of seconds from 0 to 300"),
          v.maxValue(300, "a number of seconds from 0 to 300"),
        ),
        "How long the server still answers after a SIGTERM while it reports not ready, so that every API server stops calling it; default 5 in a pod, else 0",
      ),
    ),
    reload: v.optional(
      about(
        v.union(
          [
            flag,
            v.strictObject(
              {
                refuse: about(
                  v.picklist(["newly-refused"], "newly-refused"),
                  "newly-refused: keep the last good configuration if one recent pod would newly be refused, not only if all would",
                ),
              },
              "a map that has `refuse`",
            ),
          ],
          "true, false or a map that has `refuse`",
        ),
        "Whether changed files are loaded without a restart, and when a change is held back",
      ),
      true,
    ),
    replay: v.optional(
      about(
        weakInteger(0, 256),
        "How many recent pods are kept in memory (at most 8 MiB) to try a changed configuration on; 0 keeps none",
      ),
      32,
    ),
  },
  "a map",
);

const audit = v.strictObject(
  {
    paths: v.optional(
      about(
        v.picklist(["full", "hash", "none"], "full, hash or none"),
        "How much of a Vault path goes into audit annotations and logs",
      ),
      "full",
    ),
  },
  "a map",
);

const flagText = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "a string"),
  v.transform((value) => String(value)),
);

const injector = v.strictObject(
  {
    version: v.optional(
      about(v.pipe(v.string("a version"), v.nonEmpty("a version")), "Version of vault-k8s"),
      MODELLED_VERSION,
    ),
    flags: v.optional(
      about(
        v.record(v.string(), flagText, "a map"),
        "Options (vault-address) or variables (AGENT_INJECT_VAULT_ADDR) of its Deployment",
      ),
      {},
    ),
  },
  "a map",
);

/** The schema of a file. Other sections belong to Flyte and are dropped. */
export const ConfigSchema = v.object(
  {
    version: v.optional(about(v.literal(1, "1"), "Version of this format"), 1),
    webhook: v.optional(about(WebhookSchema, "Flyte's webhook section, as Flyte reads it"), {}),
    plugins: v.optional(
      about(v.array(PluginEntrySchema, "a list of plugins"), "Annotation plugins, run in this order"),
      [],
    ),
    policy: v.optional(about(policy, "What pods and plugins may do, and how secrets are named"), {}),
    server: v.optional(about(server, "Listeners, preview and reload"), {}),
    audit: v.optional(about(audit, "What is recorded about every admission"), {}),
    injector: v.optional(
      about(injector, "The Vault Agent Injector of the cluster, for checks and previews"),
      {},
    ),
  },
  "a map",
);

/** A configuration with all defaults; satisfies the core's `Settings`. */
export type Config = v.InferOutput<typeof ConfigSchema>;

/** The names of the sections. */
export const SECTIONS: readonly string[] = Object.keys(ConfigSchema.entries);
