/**
 * Prepares a request annotation: decodes, validates and transforms it. The result depends only on the annotation and the
 * configuration, so it is cached for all pods that ask for the same secret.
 */

import { BoundedCache } from "../cache.ts";
import { adviseFileNames } from "../check/file-name.ts";
import { adviseVariable, validateRequest } from "../check/request.ts";
import { adviseSecretEngine, validateSecretPath } from "../check/secret-engine.ts";
import { Findings, MOST_ISSUES } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { Ports } from "../ports.ts";
import { readRequest } from "../secret/codec.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Settings } from "../settings.ts";
import { toAsked, toNaming, toStableId, writesFor } from "../vault/file.ts";
import { type TransformedRequest, toEngine, transformRequest } from "../vault/transformer.ts";
import { isVariable } from "../vault/variable.ts";
import { toAuditText } from "./audit.ts";

/** A prepared request takes about 28 bytes for each UTF-16 unit of its key: at most 3 MiB a generation. */
const CACHE_LIMITS = { entries: 1_024, units: 120_000 };
/** Longer values are never cached: otherwise a pod's author could fill the cache's memory with a few of them. */
const LONGEST_CACHED = 2_048;

/**
 * Longest value that is decoded, in characters. A group and a key of 4,000 bytes of ASCII together take 6,500 characters, and
 * Linux opens no longer path. Without the limit, 256 KiB of escapes would take longer to decode than thousands of requests.
 */
const LONGEST_VALUE = 8_192;

/** One request annotation and the result of preparing it. */
export interface PreparedRequest {
  readonly annotation: string;
  /** Absent if the annotation cannot be decoded. */
  readonly request?: SecretRequest;
  /** Absent if the request is refused. */
  readonly transformed?: TransformedRequest;
  /** Its text in the audit annotations; absent if the request is refused. */
  readonly audit?: string;
  /** Absent if there are none. */
  readonly issues?: Findings;
}

/** Prepares requests under one configuration. */
export interface Preparer {
  /**
   * Prepares the requests of a pod in the given order, until enough of them refuse the pod. The rest is then one entry
   * without a request.
   *
   * @param annotations values by key; `null` counts as empty
   */
  readonly prepareAll: (
    keys: readonly string[],
    annotations: Readonly<Record<string, string | null>>,
  ) => readonly PreparedRequest[];
  /** Prepares a request that plugins have changed; its files keep the original's names. */
  readonly prepareChanged: (
    annotation: string,
    original: SecretRequest,
    changed: SecretRequest,
  ) => PreparedRequest;
}

/** Creates a preparer with its own cache. */
export function createPreparer(
  settings: Settings,
  ports: Pick<Ports, "decodeUtf8" | "newId" | "hashSha1" | "encodeUtf8">,
): Preparer {
  const { policy, audit, webhook } = settings;
  const { kvVersion } = webhook.vaultSecretManager;
  // A plugin may change or drop requests that would refuse the pod, and then the others count.
  const mayRepair = settings.plugins.length > 0;
  const hasVersion = writesFor("flytekit", policy.fileNames);
  const toId =
    policy.ids === "stable" ? (identity: string) => toStableId(identity, ports) : () => ports.newId();
  const cache = new BoundedCache<PreparedRequest>(CACHE_LIMITS);

  function prepareValid(
    annotation: string,
    original: SecretRequest,
    request: SecretRequest,
    issues: Findings,
  ): PreparedRequest {
    const engine = toEngine(request.group_version, kvVersion);
    const naming = toNaming(original, request);
    validateRequest(request, { request: naming, hasVersion, envVars: policy.envVars }, annotation, issues);
    if (issues.total === 0) validateSecretPath(engine, request, annotation, issues);
    if (issues.total > 0) return { annotation, request: original, issues };
    const transformed = transformRequest(annotation, original, naming, request, engine, policy, toId);
    const text = toAuditText(transformed, audit.paths, ports);
    if (!isVariable(naming, policy.envVars)) {
      adviseFileNames(naming, toAsked(original, naming), transformed.files, annotation, issues);
    }
    adviseVariable(naming, policy.envVars, annotation, issues);
    adviseSecretEngine(engine, request, annotation, issues);
    const prepared = { annotation, request: original, transformed, audit: text };
    return issues.total === 0 ? prepared : { ...prepared, issues };
  }

  function prepareNew(annotation: string, value: string, issues: Findings): PreparedRequest {
    if (value.length > LONGEST_VALUE) {
      const facts = { annotation, characters: value.length, limit: LONGEST_VALUE };
      issues.report(secretIssues["secret.value-too-long"], facts, { annotation });
      return { annotation, issues };
    }
    const request = readRequest(value, annotation, ports.decodeUtf8, issues);
    return request ? prepareValid(annotation, request, request, issues) : { annotation, issues };
  }

  return {
    prepareChanged: (annotation, original, changed) =>
      prepareValid(annotation, original, changed, new Findings()),
    prepareAll: (keys, annotations) => {
      const prepared: PreparedRequest[] = [];
      let refusals = 0;
      for (const key of keys) {
        if (refusals >= MOST_ISSUES && !mayRepair) {
          const issues = new Findings();
          issues.leaveUnchecked(keys.length - prepared.length);
          prepared.push({ annotation: key, issues });
          break;
        }
        // After enough refusals, issues are only counted: rendering messages that nobody sees would take most of the time.
        const request = prepare(key, annotations[key] ?? "", refusals < MOST_ISSUES ? MOST_ISSUES : 0);
        refusals += request.issues?.count("deny") ?? 0;
        prepared.push(request);
      }
      return prepared;
    },
  };

  /** @param most most issues to keep of each severity; 0 only counts them */
  function prepare(annotation: string, value: string, most: number): PreparedRequest {
    const isKept = policy.ids !== "random" && value.length <= LONGEST_CACHED && most > 0;
    if (!isKept) return prepareNew(annotation, value, new Findings(most));
    return cache.get([annotation, value], () => prepareNew(annotation, value, new Findings(most)));
  }
}
