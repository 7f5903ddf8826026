{{/* Secret with a certificate of cert-manager: (dict "name" "osmo-webhooks"). Not the one that the chart makes for certificates of our own: either could be in the way of the other. */}}
{{- define "osmo.certManager.secret" -}}
{{- .name -}}-issued
{{- end -}}

{{/*
An issuer with an authority of its own, for ten years, where none is named: (dict "root" $ "name" "osmo-webhooks" "issuer" .issuerRef). What it
issues is renewed under the same authority, so that who trusts it goes on to.
*/}}
{{- define "osmo.certManager.authority" -}}
{{- if not .issuer.name }}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: {{ .name }}-self-signed
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "osmo.labels" .root | nindent 4 }}
spec:
  selfSigned: {}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ .name }}-authority
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "osmo.labels" .root | nindent 4 }}
spec:
  secretName: {{ .name }}-authority
  isCA: true
  commonName: {{ .name }}
  duration: 87600h
  privateKey: { algorithm: ECDSA, size: 256, rotationPolicy: Never }
  issuerRef: { group: cert-manager.io, kind: Issuer, name: {{ .name }}-self-signed }
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "osmo.labels" .root | nindent 4 }}
spec:
  ca: { secretName: {{ .name }}-authority }
{{- end }}
{{- end -}}
