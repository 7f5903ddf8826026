{{/* How the gateway serves TLS: None, Own, Secret or CertManager. */}}
{{- define "osmo.apiGateway.tlsMode" -}}
{{- $mode := .Values.apiGateway.tls.mode -}}
{{- if and (eq $mode "Secret") (not .Values.apiGateway.tls.existingSecret) -}}
{{- fail "apiGateway.tls.mode: Secret: needs apiGateway.tls.existingSecret, the name of a Secret with tls.crt and tls.key" -}}
{{- end -}}
{{- $mode -}}
{{- end -}}

{{/* Name of the Secret with its certificate. */}}
{{- define "osmo.apiGateway.tlsSecret" -}}
{{- $name := include "osmo.apiGateway.name" . -}}
{{- $mode := .Values.apiGateway.tls.mode -}}
{{- if eq $mode "Secret" -}}
{{- .Values.apiGateway.tls.existingSecret -}}
{{- else if eq $mode "CertManager" -}}
{{- include "osmo.certManager.secret" (dict "name" $name) -}}
{{- else -}}
{{- $name -}}-tls
{{- end -}}
{{- end -}}

{{/* What its certificate is for, as JSON: the Service, the end of a port-forward, the address for people and what was said. */}}
{{- define "osmo.apiGateway.tlsNames" -}}
{{- $name := include "osmo.apiGateway.name" . -}}
{{- $service := printf "%s.%s" $name .Release.Namespace -}}
{{- $names := list (printf "%s.svc" $service) $service $name "localhost" "127.0.0.1" -}}
{{- with .Values.apiGateway.publicUrl -}}
{{- $names = append $names (regexReplaceAll ":[0-9]+$" (get (urlParse .) "host") "") -}}
{{- end -}}
{{- concat $names .Values.apiGateway.tls.names | uniq | toJson -}}
{{- end -}}

{{/* Flags of the gateway. */}}
{{- define "osmo.apiGateway.tlsArgs" -}}
{{- $mode := include "osmo.apiGateway.tlsMode" . -}}
{{- if ne $mode "None" }}
- --tls-secret={{ include "osmo.apiGateway.tlsSecret" . }}
{{- if eq $mode "Own" }}
- --tls-authorities={{ include "osmo.apiGateway.name" . }}-ca
{{- range fromJsonArray (include "osmo.apiGateway.tlsNames" .) }}
- {{ printf "--tls-name=%s" . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
