{{- define "vitalsd.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "vitalsd.fullname" -}}
{{- $name := include "vitalsd.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "vitalsd.component" -}}
{{- ternary "node" "sidecar" (eq .Values.mode "daemonset") }}
{{- end }}

{{/* What selects the pods; it never changes while a release lives. */}}
{{- define "vitalsd.selector" -}}
app.kubernetes.io/name: {{ include "vitalsd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ include "vitalsd.component" . }}
{{- end }}

{{/* Those of the chart itself are not among them, so that a new chart alone restarts nothing. */}}
{{- define "vitalsd.podLabels" -}}
{{ include "vitalsd.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/part-of: vitalsd
{{- end }}

{{- define "vitalsd.labels" -}}
{{ include "vitalsd.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
