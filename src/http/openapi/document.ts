/**
 * Generates the OpenAPI document from the schemas, refusals and examples beside this file. The package that converts schemas to
 * JSON Schema is a development dependency; a server sends the committed document (openapi-file.ts).
 */
import { toJsonSchemaDefs } from "@valibot/to-json-schema";
import { toProblem } from "../problem.ts";
import { PREVIEW_LIMIT } from "../route/preview.ts";
import { candidateExample, previewExamples, reviewExample, yamlExample } from "./examples.ts";
import {
  type Refusal,
  refusalOfOthers,
  refusalOfPage,
  refusalsOfBodies,
  refusalsOfEvery,
  refusalsOfHosts,
  refusalsOfPreviews,
  refusalsOfReviews,
} from "./refusals.ts";
import { schemas } from "./schema.ts";

/** Facts from outside this folder that the document shows. */
export interface DocumentFacts {
  readonly version: string;
  /** The license of the package, an SPDX expression. */
  readonly license: string;
  /** Longest body and most requests of `/mutate`. */
  readonly admission: { readonly limit: number; readonly maxInFlight: number };
  /** Answers to the examples, by the example's name. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly yamlAnswer: string;
  readonly reviewAnswer: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** Renders config/openapi.json: OpenAPI 3.1. */
export function renderOpenApi(facts: DocumentFacts): string {
  const review = reviewOperation(facts);
  const document = {
    openapi: "3.1.0",
    info: {
      title: "flyte-vault-webhook",
      version: facts.version,
      license: { name: facts.license, identifier: facts.license },
      description:
        "Previews of what a pod would get, on the management listener, and admission reviews on the admission listener. Refusals are problem details (RFC 9457) whose code `flyte-vault-webhook explain` describes.",
    },
    servers: [{ url: "http://localhost:8080", description: "The management listener" }],
    paths: {
      "/preview": { post: previewOperation(facts) },
      "/": { get: documentOperation("getPage", "The page for previews", "text/html", "/", [refusalOfPage]) },
      "/openapi.json": {
        get: documentOperation("getOpenApi", "This document", "application/json", "/openapi.json"),
      },
      "/metrics": { get: probe("getMetrics", "Metrics for Prometheus", "/metrics", "text/plain") },
      "/healthz": { get: probe("getHealth", "Whether the process answers", "/healthz", "text/plain") },
      "/readyz": { get: readyOperation() },
      "/mutate": { servers: ADMISSION, post: { operationId: "mutate", ...review } },
      "/mutate--v1-pod": { servers: ADMISSION, post: { operationId: "mutateAsFlyte", ...review } },
    },
    components: {
      schemas: toJsonSchemaDefs(schemas, {
        target: "draft-2020-12",
        overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
      }),
      responses: { NotFound: toResponse([refusalOfOthers]) },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "The token in server.preview.token, if it is set",
        },
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const ADMISSION = [{ url: "https://localhost:9443", description: "The admission listener" }];
const TEXT = { schema: { type: "string" } };

function previewOperation({ answers, yamlAnswer }: DocumentFacts): Json {
  const bodies = { ...previewExamples, candidate: candidateExample };
  return {
    operationId: "preview",
    summary: "What pods would get, and who decided each line",
    description: `Takes a Pod, a workload with pod templates, a List, an AdmissionReview, several YAML documents, or the plain form; at most ${PREVIEW_LIMIT} bytes and 100 objects. Where server.preview.token is set, it is needed.`,
    security: [{}, { token: [] }],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            anyOf: [
              refTo("PlainForm"),
              refTo("KubernetesObject"),
              { type: "array", items: refTo("KubernetesObject") },
            ],
          },
          examples: bodies,
        },
        "application/yaml": { ...TEXT, examples: { plain: { value: yamlExample } } },
      },
    },
    responses: {
      200: {
        description: "The input was readable; `results` says which pods are refused",
        content: {
          "application/json": {
            schema: refTo("PreviewAnswer"),
            examples: Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, { value }])),
          },
          "application/yaml": { ...TEXT, examples: { plain: { value: yamlAnswer } } },
        },
      },
      ...toResponses([...refusalsOfEvery("GET", "/preview", "POST"), ...refusalsOfPreviews]),
    },
  };
}

function reviewOperation({ admission, reviewAnswer }: DocumentFacts): Json {
  const json = (value: unknown) => ({
    "application/json": { schema: refTo("AdmissionReview"), examples: { pod: { value } } },
  });
  return {
    summary: "Reviews a pod for the API server",
    parameters: [
      {
        ...{ name: "timeout", in: "query", schema: { type: "string", pattern: "^[0-9]{1,4}s$" } },
        description: "The API server's remaining time; 10s if absent",
      },
    ],
    requestBody: { required: true, content: json(reviewExample) },
    responses: {
      200: {
        description: "The review with its response; a refused pod has `allowed: false`",
        content: json(reviewAnswer),
      },
      ...toResponses([
        ...refusalsOfEvery("GET", "/mutate", "POST"),
        ...refusalsOfBodies(admission.limit, admission.maxInFlight),
        ...refusalsOfReviews,
      ]),
    },
  };
}

function probe(operationId: string, summary: string, path: string, type: string): Json {
  const responses = toResponses(refusalsOfEvery("POST", path, "GET, HEAD"));
  return {
    operationId,
    summary,
    responses: { 200: { description: summary, content: { [type]: TEXT } }, ...responses },
  };
}

function readyOperation(): Json {
  const content = { "application/json": { schema: refTo("Readiness") } };
  return {
    operationId: "getReadiness",
    summary: "Whether the process can serve, with the state of each of its parts",
    responses: {
      200: { description: "Every part is ok", content },
      503: { description: "A part is not ok", content },
      ...toResponses(refusalsOfEvery("POST", "/readyz", "GET, HEAD")),
    },
  };
}

function documentOperation(
  operationId: string,
  summary: string,
  type: string,
  path: string,
  more: readonly Refusal[] = [],
): Json {
  const refusals = [...refusalsOfEvery("POST", path, "GET, HEAD"), ...refusalsOfHosts, ...more];
  const unchanged = { description: "Unchanged (`If-None-Match`)" };
  return {
    operationId,
    summary,
    responses: {
      200: {
        description: summary,
        content: { [type]: type === "text/html" ? TEXT : { schema: { type: "object" } } },
      },
      304: unchanged,
      ...toResponses(refusals),
    },
  };
}

/** @returns one response for each status, with an example for each code */
function toResponses(refusals: readonly Refusal[]): Json {
  const byStatus = Map.groupBy(refusals, ([status]) => status);
  return Object.fromEntries([...byStatus].map(([status, own]) => [status, toResponse(own)]));
}

function toResponse(refusals: readonly Refusal[]): Json {
  return {
    description: refusals.map(([, { code, message }]) => `\`${code}\`: ${message}`).join("\n\n"),
    content: {
      "application/problem+json": {
        schema: refTo("Problem"),
        examples: Object.fromEntries(
          refusals.map(([status, issue]) => [issue.code, { value: toProblem(status, issue) }]),
        ),
      },
    },
  };
}

function refTo(name: keyof typeof schemas): Json {
  return { $ref: `#/components/schemas/${name}` };
}
