/** Admission reviews of the size that Flyte's task pods have. */
import { podWith, secret } from "../fixtures/engine.ts";

/** What a benchmark varies. */
export interface ReviewShape {
  readonly secrets: number;
  /** Least size of the review in bytes; the pod is filled up with what the webhook does not read. */
  readonly bytes: number;
  /** One where nothing is said. */
  readonly containers?: number;
  /** Makes the secrets of this review different from every other's. */
  readonly salt?: number;
}

const FILLER = "the quick brown fox jumps over the lazy dog 0123456789 ";

/** @returns the JSON text of a review. */
export function renderReview({ secrets, bytes, containers = 1, salt = 0 }: ReviewShape): string {
  const requests = Array.from({ length: secrets }, (_, i) =>
    secret({
      group: `secret/data/team-${salt}-${i}`,
      key: `api_key_${i}`,
      group_version: "kv2",
      mount_requirement: 2,
    }),
  );
  const pod = podWith(requests);
  const review = {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      name: "f1-n0-0",
      namespace: "flytesnacks-development",
      operation: "CREATE",
      userInfo: { username: "system:serviceaccount:flyte:flytepropeller" },
      dryRun: false,
      object: {
        ...pod,
        spec: {
          containers: Array.from({ length: containers }, (_, i) => ({
            ...pod.spec.containers[0],
            name: `c${i}`,
          })),
          volumes: [] as unknown[],
        },
      },
    },
  };
  for (let size = JSON.stringify(review).length; size < bytes; size += 140) {
    review.request.object.spec.volumes.push({
      name: `v${size}`,
      configMap: {
        name: FILLER.slice(0, 40),
        optional: true,
        items: [{ key: FILLER.slice(0, 30), path: "p" }],
      },
    });
  }
  return JSON.stringify(review);
}
