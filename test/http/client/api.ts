/** Types of the API, generated from config/openapi.json: bun test/http/update-openapi.ts */
export interface paths {
    "/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What pods would get, and who decided each line
         * @description Takes a Pod, a workload with pod templates, a List, an AdmissionReview, several YAML documents, or the plain form; at most 1048576 bytes and 100 objects. Where server.preview.token is set, it is needed.
         */
        post: operations["preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page for previews */
        get: operations["getPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process can serve, with the state of each of its parts */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mutate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reviews a pod for the API server */
        post: operations["mutate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mutate--v1-pod": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reviews a pod for the API server */
        post: operations["mutateAsFlyte"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Issue: {
            /** @description Stable code; `flyte-vault-webhook explain CODE` describes it */
            code: string;
            /**
             * @description `deny` refuses the pod; `error` refuses it under policy.strict; `warning` warns; `info` appears here only
             * @enum {string}
             */
            severity: "deny" | "error" | "warning" | "info";
            /** @description What was found and what was expected */
            message: string;
            /** @description What to do next */
            help: string;
            /** @description JSON Pointer into the document, or dotted path into the configuration */
            path?: string;
            /** @description Full key of the annotation concerned */
            annotation?: string;
        };
        Problem: {
            /** @constant */
            type: "about:blank";
            /** @description Message of the first issue */
            title: string;
            /** @description HTTP status */
            status: number;
            /** @description What to do next */
            detail: string;
            /** @description Code of the first issue */
            code: string;
            /** @description Every issue, worst first */
            issues: components["schemas"]["Issue"][];
        };
        Source: {
            /** @constant */
            kind: "webhook";
        } | {
            /** @constant */
            kind: "secret";
            /** @description Key that carried the request */
            annotation: string;
        } | {
            /** @constant */
            kind: "config";
            /** @description Dotted path in the configuration */
            path: string;
        } | {
            /** @constant */
            kind: "plugin";
            name: string;
            /** @description Position in `plugins`, from 0 */
            entry: number;
        } | {
            /** @constant */
            kind: "pod";
        };
        FoldedAnnotation: {
            key: string;
            value: string;
            /** @description Who set the value */
            source: {
                /** @constant */
                kind: "webhook";
            } | {
                /** @constant */
                kind: "secret";
                /** @description Key that carried the request */
                annotation: string;
            } | {
                /** @constant */
                kind: "config";
                /** @description Dotted path in the configuration */
                path: string;
            } | {
                /** @constant */
                kind: "plugin";
                name: string;
                /** @description Position in `plugins`, from 0 */
                entry: number;
            } | {
                /** @constant */
                kind: "pod";
            };
            /** @description The values that it overrode, lowest layer first */
            overrides: {
                source: components["schemas"]["Source"];
                value: string;
            }[];
        };
        RequestChange: {
            /** @enum {string} */
            field: "group" | "group_version" | "key" | "mount_requirement" | "env_var";
            /** @description The value before */
            from: string | number;
            value: string | number;
            /** @description The plugin that changed it */
            source: {
                /** @constant */
                kind: "webhook";
            } | {
                /** @constant */
                kind: "secret";
                /** @description Key that carried the request */
                annotation: string;
            } | {
                /** @constant */
                kind: "config";
                /** @description Dotted path in the configuration */
                path: string;
            } | {
                /** @constant */
                kind: "plugin";
                name: string;
                /** @description Position in `plugins`, from 0 */
                entry: number;
            } | {
                /** @constant */
                kind: "pod";
            };
        };
        SecretRequest: {
            /** @description Key of the annotation that carried the request */
            annotation: string;
            /** @description Vault path, as the task's author wrote it */
            group: string;
            /** @description Engine: kv1, kv2 or db; empty for the configured default */
            group_version: string;
            key: string;
            /** @description ANY, ENV_VAR or FILE */
            mount_requirement: string;
            env_var: string;
            /** @description What plugins changed, in their order */
            changes?: components["schemas"]["RequestChange"][];
            files: {
                /** @description Suffix of the injector's annotations for the file */
                id: string;
                /** @description Path relative to the secret volume */
                path: string;
                /** @description Which clients look for the file at this path; the kubelet, where it reads a variable from it */
                for: ("flyte" | "flytekit" | "flyte-sdk" | "kubelet")[];
                /** @description What the agent renders; absent for the injector's own template */
                template?: string;
            }[];
        };
        EnvChange: {
            container: string;
            /** @description Whether it is an init container */
            init: boolean;
            name: string;
            value: string;
            /** @description Who sets it: the webhook, or a secret request */
            source: {
                /** @constant */
                kind: "webhook";
            } | {
                /** @constant */
                kind: "secret";
                /** @description Key that carried the request */
                annotation: string;
            } | {
                /** @constant */
                kind: "config";
                /** @description Dotted path in the configuration */
                path: string;
            } | {
                /** @constant */
                kind: "plugin";
                name: string;
                /** @description Position in `plugins`, from 0 */
                entry: number;
            } | {
                /** @constant */
                kind: "pod";
            };
            /** @description What the pod's author had set */
            replaced?: string;
        };
        PatchOperation: {
            /** @enum {string} */
            op: "add" | "replace";
            path: string;
            value: unknown;
        } | {
            /** @constant */
            op: "remove";
            path: string;
        };
        PluginRun: {
            name: string;
            /** @description Position in `plugins`, from 0 */
            entry: number;
            /** @description Milliseconds spent in its hooks */
            ms: number;
            /** @description Keys of the annotations whose value it changed */
            changed: string[];
        };
        Injected: {
            /** @description Version of vault-k8s that the model follows */
            version: string;
            /** @description Whether the injector lets the pod pass */
            allowed: boolean;
            /** @description The injector's own words, or why it leaves the pod alone */
            message: string | null;
            /** @description JSON Patch for the pod as the webhook leaves it, with the API server's token volume */
            patch: components["schemas"]["PatchOperation"][];
            /** @description Configurations of the agents, by init and sidecar */
            agent: {
                [key: string]: unknown;
            } | null;
        };
        PreviewResult: {
            /** @description Kind of the given object: Pod, or the workload around the template */
            kind: string;
            name: string;
            namespace: string;
            allowed: boolean;
            /** @description Worst first */
            issues: components["schemas"]["Issue"][];
            /** @description Every readable request, also where the pod is refused */
            requests: components["schemas"]["SecretRequest"][];
            annotations: components["schemas"]["FoldedAnnotation"][];
            env: components["schemas"]["EnvChange"][];
            /** @description What `kubectl` would show */
            warnings: string[];
            /** @description JSON Patch (RFC 6902) for the given document; empty where refused */
            patch: components["schemas"]["PatchOperation"][];
            /** @description The given object as the patch leaves it */
            object: unknown;
            plugins: components["schemas"]["PluginRun"][];
            /** @description What the Vault Agent Injector will do then, by a model; absent where the pod is refused or asks for nothing */
            injected?: {
                /** @description Version of vault-k8s that the model follows */
                version: string;
                /** @description Whether the injector lets the pod pass */
                allowed: boolean;
                /** @description The injector's own words, or why it leaves the pod alone */
                message: string | null;
                /** @description JSON Patch for the pod as the webhook leaves it, with the API server's token volume */
                patch: components["schemas"]["PatchOperation"][];
                /** @description Configurations of the agents, by init and sidecar */
                agent: {
                    [key: string]: unknown;
                } | null;
            };
        };
        PreviewAnswer: {
            /** @constant */
            version: 1;
            /** @description Content hash of the configuration that the pods were reviewed under */
            configHash: string;
            /** @description One for each pod or pod template, in the order of the input */
            results: components["schemas"]["PreviewResult"][];
        };
        PlainForm: {
            secrets?: {
                /** @description Vault path; a secret without one is refused by the review */
                group?: string;
                key?: string;
                /** @description kv1, kv2 or db */
                group_version?: string;
                /** @description ANY, ENV_VAR, FILE, or its number */
                mount_requirement?: string | number;
                env_var?: string;
                /** @description The v2 SDK's word for a variable, instead of mount_requirement and env_var */
                as_env_var?: string;
                /**
                 * @description The v2 SDK's word for a file
                 * @constant
                 */
                mount?: "/etc/flyte/secrets";
            }[];
            /** @description `default` if absent */
            namespace?: string;
            project?: string;
            domain?: string;
            serviceAccount?: string;
            /** @description The pod to start from */
            pod?: {
                [key: string]: unknown;
            };
            /** @description A candidate configuration, as an object or as text; needs the token. Its schema is what `flyte-vault-webhook config schema` prints */
            config?: unknown;
        };
        KubernetesObject: {
            apiVersion: string;
            /** @description Pod, a workload with pod templates (Deployment, Job, CronJob, RayCluster, …), List or AdmissionReview */
            kind: string;
        };
        AdmissionReview: {
            /** @enum {string} */
            apiVersion: "admission.k8s.io/v1" | "admission.k8s.io/v1beta1";
            /** @constant */
            kind: "AdmissionReview";
            request?: {
                uid: string;
                operation: string;
                object: unknown;
            };
            response?: {
                uid: string;
                allowed: boolean;
                /** @constant */
                patchType?: "JSONPatch";
                /** @description JSON Patch in base64 */
                patch?: string;
                warnings?: string[];
                auditAnnotations?: {
                    [key: string]: string;
                };
                status?: {
                    code: number;
                    reason: string;
                    message: string;
                };
            };
        };
        Readiness: {
            ready: boolean;
            checks: {
                [key: string]: {
                    ok: boolean;
                    detail: string;
                };
            };
        };
    };
    responses: {
        /** @description `http.not-found`: Not found: "/other" */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlainForm"] | components["schemas"]["KubernetesObject"] | components["schemas"]["KubernetesObject"][];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description The input was readable; `results` says which pods are refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewAnswer"];
                    "application/yaml": string;
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             *
             *     `preview.empty`: Cannot preview the input: it is empty
             *
             *     `http.preview-overrun`: The preview did not finish within 20 seconds and was stopped
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.token`: The preview needs the token of server.preview.token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `http.candidate-config`: A candidate configuration needs the preview token
             *
             *     `http.host-foreign`: The host in the request is not one of this server's names
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method GET is not allowed for /preview */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-late`: Cannot read the body: it did not arrive completely within the time for this review */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-too-large`: Cannot read the body: it is larger than 1048576 bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.refused`: 1 of 1 objects would be refused, so there are no mutated documents */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `http.overloaded`: The webhook is already answering 32 requests; another one would miss its deadline
             *
             *     `http.busy`: The preview waited too long for its turn: previews run one at a time, and only while admission reviews leave capacity
             *
             *     `http.preview-memory`: The preview was stopped because the process nearly ran out of memory
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.overrun`: The review did not finish in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page for previews */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Unchanged (`If-None-Match`) */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.host-foreign`: The host in the request is not one of this server's names */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.page-missing`: The page for previews was not built */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method POST is not allowed for / */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Unchanged (`If-None-Match`) */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.host-foreign`: The host in the request is not one of this server's names */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method POST is not allowed for /openapi.json */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics for Prometheus */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method POST is not allowed for /metrics */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the process answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method POST is not allowed for /healthz */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every part is ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method POST is not allowed for /readyz */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A part is not ok */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    mutate: {
        parameters: {
            query?: {
                /** @description The API server's remaining time; 10s if absent */
                timeout?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdmissionReview"];
            };
        };
        responses: {
            /** @description The review with its response; a refused pod has `allowed: false` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdmissionReview"];
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             *
             *     `http.body-empty`: Cannot read the body: it is empty
             *
             *     `http.body-not-json`: Cannot read the body: it is not a single JSON document
             *
             *     `http.body-too-deep`: Cannot read the body: its lists and objects are nested more than 1,000 levels deep
             *
             *     `review.uid-missing`: Cannot read the admission review: its request has no uid, so it cannot be answered
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method GET is not allowed for /mutate */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-late`: Cannot read the body: it did not arrive completely within the time for this review */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-too-large`: Cannot read the body: it is larger than 7340032 bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.media-type`: Cannot read the body: expected content type application/json, found "text/plain" */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.overloaded`: The webhook is already answering 512 requests; another one would miss its deadline */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.overrun`: The review did not finish in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mutateAsFlyte: {
        parameters: {
            query?: {
                /** @description The API server's remaining time; 10s if absent */
                timeout?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdmissionReview"];
            };
        };
        responses: {
            /** @description The review with its response; a refused pod has `allowed: false` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdmissionReview"];
                };
            };
            /**
             * @description `http.host-malformed`: Cannot read the request: its Host header is not a host name or address
             *
             *     `http.request-malformed`: Cannot read the request: its request line or its headers are not valid HTTP
             *
             *     `http.body-empty`: Cannot read the body: it is empty
             *
             *     `http.body-not-json`: Cannot read the body: it is not a single JSON document
             *
             *     `http.body-too-deep`: Cannot read the body: its lists and objects are nested more than 1,000 levels deep
             *
             *     `review.uid-missing`: Cannot read the admission review: its request has no uid, so it cannot be answered
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.method`: Method GET is not allowed for /mutate */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-late`: Cannot read the body: it did not arrive completely within the time for this review */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.body-too-large`: Cannot read the body: it is larger than 7340032 bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.media-type`: Cannot read the body: expected content type application/json, found "text/plain" */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.internal`: The webhook failed because of a defect; its log has the reason */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.overloaded`: The webhook is already answering 512 requests; another one would miss its deadline */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `http.overrun`: The review did not finish in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
