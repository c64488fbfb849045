/**
 * From a pod annotation to a request that is ready for the pod: decoded, validated, transformed. All of it depends only
 * on the annotation and the configuration, so that it is done once for the pods that ask for the same secret.
 */

import { BoundedCache } from "../cache.ts";
import { validateDatabasePath } from "../check/database.ts";
import { validateRequest } from "../check/request.ts";
import type { Issue } from "../issue/issue.ts";
import type { Ports } from "../ports.ts";
import { decodeRequest } from "../secret/codec.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Settings } from "../settings.ts";
import { toNaming, toStableId } from "../vault/file.ts";
import { type TransformedRequest, toEngine, transformRequest } from "../vault/transformer.ts";
import { toAuditText } from "./audit.ts";

/** About ten thousand bytes of text for a thousand units of keys. */
const CACHE_LIMITS = { entries: 2_048, units: 500_000 };
/** Longer values are worked on each time: a cache of them would be an attack on our memory. */
const LONGEST_CACHED = 2_048;

/** One request annotation and what came of it. */
export interface PreparedRequest {
  readonly annotation: string;
  /** Absent where the annotation cannot be decoded. */
  readonly request?: SecretRequest;
  /** Absent where the request cannot be served. */
  readonly transformed?: TransformedRequest;
  /** How audit annotations name it. */
  readonly audit?: string;
  readonly issues: readonly Issue[];
}

/** Prepares requests under one configuration. */
export interface Preparer {
  /** @param value the annotation's value, `null` counting as empty. */
  readonly prepare: (annotation: string, value: string) => PreparedRequest;
  /** Prepares a request that plugins have changed; its files keep the names of the original. */
  readonly prepareChanged: (
    annotation: string,
    original: SecretRequest,
    changed: SecretRequest,
  ) => PreparedRequest;
}

/** Creates a preparer with its own cache. */
export function createPreparer(settings: Settings, ports: Pick<Ports, "decodeUtf8" | "newId">): Preparer {
  const { policy, audit, webhook } = settings;
  const { kvVersion } = webhook.vaultSecretManager;
  const hasVersion = policy.fileNames === "flytekit";
  const toId = policy.ids === "stable" ? toStableId : () => ports.newId();
  const cache = new BoundedCache<PreparedRequest>(CACHE_LIMITS);

  const prepareChanged: Preparer["prepareChanged"] = (annotation, original, request) => {
    const engine = toEngine(request.group_version, kvVersion);
    const naming = toNaming(original, request);
    const issues = validateRequest(request, { request: naming, hasVersion }, annotation);
    if (engine === "db") issues.push(...validateDatabasePath(request, annotation));
    if (issues.length > 0) return { annotation, request: original, issues };
    const transformed = transformRequest(annotation, original, naming, request, engine, policy, toId);
    const text = toAuditText(transformed, audit.paths);
    return { annotation, request: original, transformed, audit: text, issues: transformed.issues };
  };

  const prepareNew = (annotation: string, value: string): PreparedRequest => {
    const request = decodeRequest(value, annotation, ports.decodeUtf8);
    return "code" in request
      ? { annotation, issues: [request] }
      : prepareChanged(annotation, request, request);
  };

  return {
    prepareChanged,
    prepare: (annotation, value) =>
      policy.ids === "random" || value.length > LONGEST_CACHED
        ? prepareNew(annotation, value)
        : cache.get([annotation, value], () => prepareNew(annotation, value)),
  };
}
