/** The schema of an entry in the `plugins` list. */
import * as v from "valibot";
import { parseGoDuration } from "../injector/go.ts";
import { about, labelKey } from "./weak.ts";

const text = v.pipe(v.string("a string"), v.nonEmpty("a non-empty string"));

/** A list of globs: `*` matches any characters; nothing else is special. */
export const globs = v.array(text, "a list of strings");

const labels = v.record(
  labelKey,
  v.pipe(
    v.union([text, globs], "a string or a list of strings"),
    v.transform((value) => (typeof value === "string" ? [value] : value)),
  ),
  "a map of strings or lists of strings",
);

const when = v.strictObject(
  {
    projects: v.optional(about(globs, "Flyte projects: the pod's label `project`")),
    domains: v.optional(about(globs, "Flyte domains: the pod's label `domain`")),
    namespaces: v.optional(about(globs, "Kubernetes namespaces")),
    labels: v.optional(about(labels, "Labels of the pod; all of them must match")),
    serviceAccounts: v.optional(about(globs, "Service accounts of the pod")),
    groups: v.optional(
      about(
        globs,
        "Groups of the secret requests, with or without the `data` of a version 2 engine; one that matches is enough",
      ),
    ),
  },
  "a map",
);

const NANOSECONDS_PER_MILLISECOND = 1e6;
const DURATION = 'a duration from 1ms to 30s, such as "500ms"';

const timeout = v.pipe(
  v.string(DURATION),
  v.transform((written) => Number(parseGoDuration(written) ?? 0n) / NANOSECONDS_PER_MILLISECOND),
  v.minValue(1, DURATION),
  v.maxValue(30_000, DURATION),
);

/** The schema of an entry. `timeout` is a Go duration in the file and milliseconds in the result. */
export const PluginEntrySchema = v.strictObject(
  {
    use: about(text, "A bundled plugin's name, a file (relative to this one) or a package"),
    with: v.optional(about(v.unknown(), "Options, checked by the plugin's own schema"), {}),
    when: v.optional(
      about(
        when,
        "Pods that the plugin applies to: all fields must match, one item of each list; `*` is any text",
      ),
      {},
    ),
    allow: v.optional(about(globs, "Keys outside of the injector's domain that it may write"), []),
    onError: v.optional(
      about(
        v.picklist(["deny", "skip"], "deny or skip"),
        "When it fails: refuse the pod, or continue with a warning",
      ),
      "deny",
    ),
    timeout: v.optional(about(timeout, "How long one call may take"), "500ms"),
    isolate: v.optional(
      about(
        v.picklist(["worker", "none"], "worker or none"),
        "Where it runs; by default bundled plugins in process (none), all others in a worker",
      ),
    ),
  },
  "a map that has `use`",
);
