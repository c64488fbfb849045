/** Picks our sections and Flyte's `webhook` at the top level of a file; Flyte's other sections are ignored. */
import * as v from "valibot";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { nearest } from "../core/nearest.ts";
import { findMisplaced } from "./flyte-names.ts";
import { checkNames } from "./names.ts";
import { ConfigSchema, SECTIONS } from "./schema.ts";
import { at, type Dictionary, type Entry, type Tree } from "./tree.ts";

/** Largest edit distance at which a top-level name is a misspelled section of ours instead of one of Flyte's. */
const MOST_SLIPS = 2;

// Names in flyteadmin's `server` section, which has the same name as ours (Flyte v1 `flyteadmin/pkg/config/config.go`).
const FLYTE_SERVER: ReadonlySet<string> = new Set([
  "httpPort",
  "grpcPort",
  "grpcServerReflection",
  "kube-config",
  "master",
  "security",
  "grpc",
  "thirdPartyConfig",
  "dataProxy",
  "readHeaderTimeoutSeconds",
  "kubeClientConfig",
  "watchService",
]);

/** Picks the sections of one document, with their names checked. `found` collects the issues. */
export function pickSections(document: Dictionary, found: Issue[]): Dictionary {
  const entries = new Map<string, Entry>();
  for (const [written, entry] of document.entries) {
    const name = written.toLowerCase() === "webhook" ? "webhook" : written;
    if (!SECTIONS.includes(name)) {
      noteTypo(written, entry, found);
      continue;
    }
    if (entries.has(name)) {
      found.push(
        configIssues["config.name-twice"](
          { at: at(entry.place), name: written, other: name },
          { path: name },
        ),
      );
    }
    const tree = pickSection(name, entry, found);
    if (tree) entries.set(name, { ...entry, tree });
  }
  return { ...document, entries };
}

function pickSection(name: string, entry: Entry, found: Issue[]): Tree | undefined {
  const { tree } = entry;
  if (tree.kind === "leaf" && tree.value === null) return undefined;
  // Flyte's `plugins` section (logs, k8s, …) is a map; ours is a list.
  if (name === "plugins" && tree.kind === "map") {
    noteFlyte(name, entry, "the plugins of this webhook are a list", found);
    return undefined;
  }
  const ours = name === "server" && tree.kind === "map" ? withoutFlyteAdmin(tree, entry, found) : tree;
  return checkNames(ours, name, schemaOf(name), name === "webhook" ? "flyte" : "ours", found);
}

function schemaOf(name: string): v.GenericSchema {
  const schema = new Map<string, v.GenericSchema>(Object.entries(ConfigSchema.entries)).get(name);
  return schema ?? v.unknown();
}

function withoutFlyteAdmin(server: Dictionary, entry: Entry, found: Issue[]): Dictionary {
  const entries = [...server.entries].filter(([name]) => !FLYTE_SERVER.has(name));
  if (entries.length === server.entries.size) return server;
  noteFlyte("server", entry, "what flyteadmin knows is left out, the rest is read", found);
  return { ...server, entries: new Map(entries) };
}

function noteFlyte(name: string, entry: Entry, ours: string, found: Issue[]): void {
  found.push(configIssues["config.section-of-flyte"]({ at: at(entry.place), name, ours }, { path: name }));
}

function noteTypo(name: string, entry: Entry, found: Issue[]): void {
  const place = { at: at(entry.place), name };
  const meant = findMisplaced(name);
  if (meant !== undefined) {
    found.push(configIssues["config.misplaced"]({ ...place, meant }, { path: name }));
    return;
  }
  const near = nearest(name, SECTIONS, MOST_SLIPS);
  if (near === undefined) return;
  found.push(configIssues["config.section-unknown"]({ ...place, nearest: near }, { path: name }));
}
