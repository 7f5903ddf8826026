{{/*
The settings of notifications as the controllers read them: with the files of Secrets in place of their names. Empty: nobody is told.
*/}}
{{- define "osmo.notifications" -}}
{{- with .Values.notifications -}}
{{- if .enabled -}}
{{- $files := "/etc/osmo/notification-secrets" -}}
{{- $settings := dict "publicUrl" .publicUrl "allow" $.Values.outgoing.allow "ownWebhooks" .ownWebhooks -}}
{{- if .smtp.host -}}
{{- $smtp := pick .smtp "host" "tls" "from" "recipientDomains" -}}
{{- $_ := set $smtp "port" (int .smtp.port) -}}
{{- with .smtp.credentialSecret -}}
{{- $_ := set $smtp "userFile" (printf "%s/%s/username" $files .) -}}
{{- $_ := set $smtp "passwordFile" (printf "%s/%s/password" $files .) -}}
{{- end -}}
{{- with .smtp.caSecret }}{{ $_ := set $smtp "caFile" (printf "%s/%s/ca.crt" $files .) }}{{ end -}}
{{- $_ := set $settings "smtp" $smtp -}}
{{- end -}}
{{- with .slackSecret }}{{ $_ := set $settings "slackUrlFile" (printf "%s/%s/url" $files .) }}{{ end -}}
{{- $webhooks := list -}}
{{- range .webhooks -}}
{{- $webhook := omit . "urlSecret" "secret" -}}
{{- with .urlSecret }}{{ $_ := set $webhook "urlFile" (printf "%s/%s/url" $files .) }}{{ end -}}
{{- with .secret }}{{ $_ := set $webhook "secretFile" (printf "%s/%s/secret" $files .) }}{{ end -}}
{{- $webhooks = append $webhooks $webhook -}}
{{- end -}}
{{- $_ := set $settings "webhooks" $webhooks -}}
{{- toJson $settings -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names of the Secrets that they name, each once, as JSON. */}}
{{- define "osmo.notificationSecrets" -}}
{{- $secrets := list -}}
{{- with .Values.notifications -}}
{{- if .smtp.host }}{{ $secrets = concat $secrets (list .smtp.credentialSecret .smtp.caSecret) }}{{ end -}}
{{- $secrets = append $secrets .slackSecret -}}
{{- range .webhooks }}{{ $secrets = concat $secrets (list .urlSecret .secret) }}{{ end -}}
{{- end -}}
{{- $secrets | compact | uniq | sortAlpha | toJson -}}
{{- end -}}
