{{- define "regsync.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "regsync.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "regsync.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "regsync.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "regsync.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "regsync.selectorLabels" -}}
app.kubernetes.io/name: {{ include "regsync.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What the objects are, without what changes with every version of the chart: a pod that has it is not replaced. */}}
{{- define "regsync.podLabels" -}}
{{ include "regsync.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: regsync
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "regsync.labels" -}}
{{ include "regsync.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "regsync.metadata" -}}
name: {{ include "regsync.fullname" . }}
namespace: {{ include "regsync.namespace" . }}
labels:
  {{- include "regsync.labels" . | nindent 2 }}
{{- end }}

{{- define "regsync.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "regsync.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "regsync.dockerSecretName" -}}
{{- default (printf "%s-docker" (include "regsync.fullname" .)) .Values.dockerConfig.existingSecret }}
{{- end }}

{{- define "regsync.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "regsync.isServer" -}}
{{- if ne .Values.mode "CronJob" }}true{{ end }}
{{- end }}

{{/* Whether something is kept in the state directory: of a job, only on a claim. */}}
{{- define "regsync.hasState" -}}
{{- if or (include "regsync.isServer" .) .Values.persistence.existingClaim }}true{{ end }}
{{- end }}

{{- define "regsync.probe" -}}
httpGet:
  path: {{ .path }}
  port: ops
  {{- if ne .scheme "HTTP" }}
  scheme: {{ .scheme }}
  {{- end }}
{{ toYaml .timing }}
{{- end }}

{{- define "regsync.monitorEndpoint" -}}
path: /metrics
interval: {{ .monitor.interval }}
scrapeTimeout: {{ .monitor.scrapeTimeout }}
honorLabels: false
{{- if ne .scheme "HTTP" }}
scheme: {{ lower .scheme }}
{{- end }}
{{- with .monitor.authorization }}
authorization:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
