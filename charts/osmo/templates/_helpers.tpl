{{/*
Fills in values that are missing: `helm upgrade --reuse-values` takes those of the installed release alone, which know nothing of what came
with later ones. Every template begins with it; it writes nothing. Whole sections, and keys of a section, but for `resources`: who sets them to
null wants no limits.
*/}}
{{- define "osmo.defaults" -}}
{{- $values := .Values -}}
{{- range $key, $default := fromYaml (.Files.Get "files/defaults.yaml") -}}
{{- $section := index $values $key -}}
{{- if not (hasKey $values $key) -}}
{{- $_ := set $values $key $default -}}
{{- else if and (kindIs "map" $default) (kindIs "map" $section) -}}
{{- range $name, $value := $default -}}
{{- if not (or (hasKey $section $name) (eq $name "resources")) -}}{{- $_ := set $section $name $value -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "osmo.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "osmo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "osmo.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "osmo.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "osmo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: osmo
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels that a Deployment's pods are selected by: (dict "root" $ "component" "controllers") */}}
{{- define "osmo.selector" -}}
app.kubernetes.io/name: {{ include "osmo.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Reference of an image: (dict "root" $ "image" .Values.controllers.image) */}}
{{- define "osmo.image" -}}
{{- $name := printf "%s/%s" .root.Values.image.registry .image.repository -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (coalesce .image.tag .root.Values.image.tag .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "osmo.controllers.name" -}}
{{- printf "%s-controllers" (include "osmo.fullname" .) -}}
{{- end -}}

{{- define "osmo.backendOperator.name" -}}
{{- printf "%s-backend-operator" (include "osmo.fullname" .) -}}
{{- end -}}

{{- define "osmo.apiGateway.name" -}}
{{- printf "%s-api-gateway" (include "osmo.fullname" .) -}}
{{- end -}}

{{- define "osmo.webhooks.name" -}}
{{- printf "%s-webhooks" (include "osmo.fullname" .) -}}
{{- end -}}

{{/* Name of the Secret with the certificates of the webhooks. */}}
{{- define "osmo.webhooks.secret" -}}
{{- $name := include "osmo.webhooks.name" . -}}
{{- if .Values.webhooks.certManager.enabled -}}{{- include "osmo.certManager.secret" (dict "name" $name) -}}{{- else -}}{{- $name -}}-tls{{- end -}}
{{- end -}}

{{- define "osmo.webhooks.serviceAccount" -}}
{{- default (include "osmo.webhooks.name" .) .Values.webhooks.serviceAccount.name -}}
{{- end -}}

{{/* Whether this release has webhooks ("true" or empty): on the hub only. */}}
{{- define "osmo.webhooks" -}}
{{- if and .Values.controllers.enabled .Values.webhooks.enabled -}}true{{- end -}}
{{- end -}}

{{/* Whether this release has a gateway ("true" or empty): on the hub only. */}}
{{- define "osmo.gateway" -}}
{{- if and .Values.controllers.enabled .Values.apiGateway.enabled -}}true{{- end -}}
{{- end -}}

{{/* The processes of this release by component, each with its values, as JSON. */}}
{{- define "osmo.parts" -}}
{{- $parts := dict -}}
{{- if .Values.controllers.enabled -}}{{- $_ := set $parts "controllers" .Values.controllers -}}{{- end -}}
{{- if .Values.backendOperator.enabled -}}{{- $_ := set $parts "backend-operator" .Values.backendOperator -}}{{- end -}}
{{- if include "osmo.gateway" . -}}{{- $_ := set $parts "api-gateway" .Values.apiGateway -}}{{- end -}}
{{- if include "osmo.webhooks" . -}}{{- $_ := set $parts "webhooks" .Values.webhooks -}}{{- end -}}
{{- toJson $parts -}}
{{- end -}}

{{- define "osmo.apiGateway.serviceAccount" -}}
{{- default (include "osmo.apiGateway.name" .) .Values.apiGateway.serviceAccount.name -}}
{{- end -}}

{{- define "osmo.controllers.serviceAccount" -}}
{{- default (include "osmo.controllers.name" .) .Values.controllers.serviceAccount.name -}}
{{- end -}}

{{- define "osmo.backendOperator.serviceAccount" -}}
{{- default (include "osmo.backendOperator.name" .) .Values.backendOperator.serviceAccount.name -}}
{{- end -}}

{{/* Identity of a backend towards the hub: (dict "root" $ "backend" "default") */}}
{{- define "osmo.hubIdentity" -}}
{{- printf "%s-backend-%s-hub" (include "osmo.fullname" .root) .backend -}}
{{- end -}}

{{/* Whether this cluster is also the hub of its operator ("true" or empty). */}}
{{- define "osmo.localHub" -}}
{{- if and .Values.backendOperator.enabled (not .Values.backendOperator.hub.kubeconfigSecret.name) -}}true{{- end -}}
{{- end -}}

{{/* Backends whose hub identity this release makes, as a JSON list of names. */}}
{{- define "osmo.hubBackends" -}}
{{- $names := list -}}
{{- if include "osmo.localHub" . -}}{{- $names = append $names .Values.backendOperator.backend -}}{{- end -}}
{{- range .Values.remoteBackends -}}{{- $names = append $names .name -}}{{- end -}}
{{- if ne (len $names) (len (uniq $names)) -}}
{{- fail (printf "remoteBackends: every backend needs a name of its own, got %s" (join ", " $names)) -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/*
One custom resource: (dict "root" $ "kind" "Pool" "name" "default" "weight" "2" "spec" (dict …))

Custom resources can't be validated before their definitions exist. On the first installation they are therefore made
by a hook, after the definitions; from then on the same objects belong to the release (Helm adopts them by the ownership
metadata below). Helm takes what it adopts as it is and ignores what is new in it, so an upgrade which changes an object that
a hook made replaces it instead.
*/}}
{{- define "osmo.customResource" -}}
{{- $hook := true -}}
{{- if .root.Capabilities.APIVersions.Has (printf "osmo.dev/v1alpha1/%s" .kind) -}}
{{- $hook = false -}}
{{- $live := lookup "osmo.dev/v1alpha1" .kind "" .name -}}
{{- if and $live (hasKey (default (dict) $live.metadata.annotations) "helm.sh/hook") -}}
{{- range $field, $value := .spec -}}
{{- if ne (toJson $value) (toJson (index $live.spec $field)) -}}{{- $hook = true -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
apiVersion: osmo.dev/v1alpha1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  labels:
    {{- include "osmo.labels" .root | nindent 4 }}
  annotations:
    meta.helm.sh/release-name: {{ .root.Release.Name }}
    meta.helm.sh/release-namespace: {{ .root.Release.Namespace }}
    {{- if $hook }}
    helm.sh/hook: post-install,post-upgrade
    helm.sh/hook-weight: {{ .weight | quote }}
    {{- end }}
spec:
  {{- toYaml .spec | nindent 2 }}
{{- end -}}

{{/* Secret with the credentials of the store of records: a store of its own has its own. */}}
{{- define "osmo.archiveSecret" -}}
{{- $archive := .Values.controllers.archive -}}
{{- if $archive.url -}}{{- $archive.existingSecret -}}{{- else -}}{{- default .Values.objectStore.existingSecret $archive.existingSecret -}}{{- end -}}
{{- end -}}

{{/* URL of the store of outputs, or nothing. */}}
{{- define "osmo.dataUrl" -}}
{{- if .Values.data.url -}}{{- .Values.data.url -}}{{- else if .Values.data.shareObjectStore -}}{{- .Values.objectStore.url -}}{{- end -}}
{{- end -}}

{{/* Secret with the credentials of the store of outputs: a store of its own has its own. */}}
{{- define "osmo.dataSecret" -}}
{{- if .Values.data.url -}}{{- .Values.data.existingSecret -}}{{- else -}}{{- .Values.objectStore.existingSecret -}}{{- end -}}
{{- end -}}

{{/* The operator's environment: credentials for itself, and those that it hands to what moves data in pods of tasks. */}}
{{- define "osmo.operatorEnvironment" -}}
{{- $own := and .Values.objectStore.url .Values.objectStore.existingSecret -}}
{{- $data := and (include "osmo.dataUrl" .) (include "osmo.dataSecret" .) -}}
{{- if or $own $data -}}
envFrom:
  {{- if $own }}
  - secretRef: { name: {{ .Values.objectStore.existingSecret }} }
  {{- end }}
  {{- if $data }}
  - secretRef: { name: {{ include "osmo.dataSecret" . }} }
    prefix: OSMO_DATA_
  {{- end }}
{{- end -}}
{{- end -}}

{{/* Credentials of the object store as the environment of a container, or nothing. */}}
{{- define "osmo.storeEnvironment" -}}
{{- if and .Values.objectStore.url .Values.objectStore.existingSecret -}}
envFrom:
  - secretRef: { name: {{ .Values.objectStore.existingSecret }} }
{{- end -}}
{{- end -}}
