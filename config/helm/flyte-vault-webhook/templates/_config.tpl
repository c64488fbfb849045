{{- /* What the manifests take from the configuration, and what they refuse. */}}

{{- /* One setting of the configuration by its path, or a default. Names are compared as Flyte does, whatever their case. */}}
{{- define "flyte-vault-webhook.setting" -}}
{{- $at := fromYaml .root.Values.config -}}
{{- range $step := .path -}}
{{- $next := "" -}}
{{- if kindIs "map" $at -}}
{{- range $name, $value := $at -}}{{- if eq (lower $name) (lower $step) -}}{{- $next = $value -}}{{- end -}}{{- end -}}
{{- end -}}
{{- $at = $next -}}
{{- end -}}
{{- $at | default .default -}}
{{- end -}}

{{- define "flyte-vault-webhook.listenPort" -}}
{{- include "flyte-vault-webhook.setting" (dict "root" . "path" (list "webhook" "listenPort") "default" 9443) -}}
{{- end -}}

{{- define "flyte-vault-webhook.servicePort" -}}
{{- include "flyte-vault-webhook.setting" (dict "root" . "path" (list "webhook" "servicePort") "default" 443) -}}
{{- end -}}

{{- define "flyte-vault-webhook.managementPort" -}}
{{- include "flyte-vault-webhook.setting" (dict "root" . "path" (list "server" "management" "port") "default" 8080) -}}
{{- end -}}

{{- define "flyte-vault-webhook.certDir" -}}
{{- include "flyte-vault-webhook.setting" (dict "root" . "path" (list "webhook" "certDir") "default" "/etc/webhook/certs") | quote -}}
{{- end -}}

{{- /* The registration refuses every pod whose call fails, so it needs an authority that the API server can trust. */}}
{{- define "flyte-vault-webhook.caBundle" -}}
{{- if not (contains "-----BEGIN CERTIFICATE-----" (b64dec .Values.caBundle)) -}}
{{- fail "caBundle: expected the base64 text of the authority's certificate (PEM), since certManager.enabled is false: without it the API server trusts no webhook, and every pod that asks for secrets is refused. Set caBundle, or registration.enabled=false" -}}
{{- end -}}
{{- .Values.caBundle -}}
{{- end -}}

{{- /* A ConfigMap is readable for many, so only what is not secret goes there. */}}
{{- define "flyte-vault-webhook.checkConfig" -}}
{{- $config := fromYaml .Values.config -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "config: cannot read it as YAML: %s" (get $config "Error")) -}}
{{- end -}}
{{- range $name, $_ := $config -}}
{{- if not (or (eq (lower $name) "webhook") (has $name (list "version" "plugins" "policy" "server" "audit" "injector"))) -}}
{{- fail (printf "config: the section %q is not the webhook's, and a ConfigMap would show it to everybody who may read ConfigMaps. Leave only version, webhook, plugins, policy, server, audit and injector in the file" $name) -}}
{{- end -}}
{{- end -}}
{{- $token := include "flyte-vault-webhook.setting" (dict "root" . "path" (list "server" "preview" "token") "default" "") -}}
{{- if and $token (not (regexMatch "^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$" $token)) -}}
{{- fail "config: server.preview.token is a literal token, and a ConfigMap would show it to everybody who may read ConfigMaps. Write ${env:PREVIEW_TOKEN} in its place, and name the Secret in env" -}}
{{- end -}}
{{- include "flyte-vault-webhook.checkMode" . -}}
{{- include "flyte-vault-webhook.checkPilot" . -}}
{{- end -}}

{{- /*
The registration's failurePolicy follows observe.enabled: one edit of the configuration must not turn a webhook that serves
pods into one that only looks at them.
*/}}
{{- define "flyte-vault-webhook.checkMode" -}}
{{- $mode := include "flyte-vault-webhook.setting" (dict "root" . "path" (list "policy" "mode") "default" "enforce") -}}
{{- if not (has $mode (list "enforce" "observe")) -}}
{{- fail (printf "config: expected policy.mode enforce or observe, found %q" $mode) -}}
{{- end -}}
{{- if and (eq $mode "observe") (not .Values.observe.enabled) -}}
{{- fail "config: policy.mode is observe and observe.enabled is false: the registration would have failurePolicy Fail. Set observe.enabled=true, or policy.mode: enforce" -}}
{{- end -}}
{{- if and (eq $mode "enforce") .Values.observe.enabled -}}
{{- fail "config: policy.mode is enforce and observe.enabled is true: the API server would ignore failures, and Flyte's webhook would serve the pods as well. Set policy.mode: observe, or observe.enabled=false" -}}
{{- end -}}
{{- end -}}

{{- /* A pilot's two registrations have to be complements: docs/migrate.md. */}}
{{- define "flyte-vault-webhook.checkPilot" -}}
{{- $pilot := .Values.pilot -}}
{{- if and $pilot.namespaces $pilot.projects -}}
{{- fail "pilot: set namespaces or projects, not both" -}}
{{- end -}}
{{- if and (or $pilot.namespaces $pilot.projects) .Values.observe.enabled -}}
{{- fail "pilot: observe.enabled is true: Flyte's webhook would no longer serve the pods of the pilot, and this one would only look at them. Set observe.enabled=false and policy.mode: enforce first" -}}
{{- end -}}
{{- range $name := $pilot.namespaces -}}
{{- if has $name (list "kube-system" "kube-public" "kube-node-lease" $.Release.Namespace) -}}
{{- fail (printf "pilot.namespaces: expected namespaces other than %s, which this webhook never serves" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The API server calls registrations in the order of these names: the observer's comes after Flyte's. */}}
{{- define "flyte-vault-webhook.registrationName" -}}
{{- ternary "v-flyte-vault-webhook-observe" "00-flyte-vault-webhook" .Values.observe.enabled -}}
{{- end -}}

{{- /* More conditions on namespaces. Those of a pilot take the place of namespaceSelector: Flyte's has the complement. */}}
{{- define "flyte-vault-webhook.conditions" -}}
{{- if .Values.pilot.namespaces -}}
- { key: kubernetes.io/metadata.name, operator: In, values: {{ toJson .Values.pilot.namespaces }} }
{{- else if not .Values.pilot.projects -}}
{{- with .Values.namespaceSelector }}{{ toYaml . }}{{ end -}}
{{- end -}}
{{- end -}}
