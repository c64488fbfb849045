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
{{- if not (or (eq (lower $name) "webhook") (has $name (list "version" "plugins" "policy" "server" "audit"))) -}}
{{- fail (printf "config: the section %q is not the webhook's, and a ConfigMap would show it to everybody who may read ConfigMaps. Leave only version, webhook, plugins, policy, server and audit in the file" $name) -}}
{{- end -}}
{{- end -}}
{{- $token := include "flyte-vault-webhook.setting" (dict "root" . "path" (list "server" "preview" "token") "default" "") -}}
{{- if and $token (not (regexMatch "^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$" $token)) -}}
{{- fail "config: server.preview.token is a literal token, and a ConfigMap would show it to everybody who may read ConfigMaps. Write ${env:PREVIEW_TOKEN} in its place, and name the Secret in env" -}}
{{- end -}}
{{- end -}}
