/**
 * From a pod annotation to a request that is ready for the pod: decoded, validated, transformed. All of it depends only
 * on the annotation and the configuration, so that it is done once for the pods that ask for the same secret.
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
import { toNaming, toStableId, writesFor } from "../vault/file.ts";
import { type TransformedRequest, toEngine, transformRequest } from "../vault/transformer.ts";
import { isVariable } from "../vault/variable.ts";
import { toAuditText } from "./audit.ts";

/** About ten thousand bytes of text for a thousand units of keys. */
const CACHE_LIMITS = { entries: 2_048, units: 500_000 };
/** Longer values are worked on each time: a cache of them would be an attack on our memory. */
const LONGEST_CACHED = 2_048;

/**
 * Longest value that is read. A group and a key of 4,000 bytes take 6,500 characters where they are ASCII, and nobody has
 * longer ones; a text of 256 KiB that is all escapes would take longer to read than thousands of requests.
 */
const LONGEST_VALUE = 8_192;

/** One request annotation and what came of it. */
export interface PreparedRequest {
  readonly annotation: string;
  /** Absent where the annotation cannot be decoded. */
  readonly request?: SecretRequest;
  /** Absent where the request cannot be served. */
  readonly transformed?: TransformedRequest;
  /** How audit annotations name it. */
  readonly audit?: string;
  /** Absent where nothing was found. */
  readonly issues?: Findings;
}

/** Prepares requests under one configuration. */
export interface Preparer {
  /**
   * Prepares the requests of a pod in the given order.
   *
   * @param annotations values by key, `null` counting as empty
   */
  readonly prepareAll: (
    keys: readonly string[],
    annotations: Readonly<Record<string, string | null>>,
  ) => readonly PreparedRequest[];
  /** Prepares a request that plugins have changed; its files keep the names of the original. */
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
    if (!isVariable(naming, policy.envVars)) adviseFileNames(naming, policy.fileNames, annotation, issues);
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
      let refusals = 0;
      return keys.map((key) => {
        // The rest is counted: sentences that nobody would read take longer than everything else.
        const most = refusals < MOST_ISSUES ? MOST_ISSUES : 0;
        const prepared = prepare(key, annotations[key] ?? "", most);
        refusals += prepared.issues?.count("deny") ?? 0;
        return prepared;
      });
    },
  };

  /** @param most how many issues of a severity are kept */
  function prepare(annotation: string, value: string, most: number): PreparedRequest {
    const isKept = policy.ids !== "random" && value.length <= LONGEST_CACHED && most > 0;
    if (!isKept) return prepareNew(annotation, value, new Findings(most));
    return cache.get([annotation, value], () => prepareNew(annotation, value, new Findings(most)));
  }
}
