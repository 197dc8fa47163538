{{/* What both kinds of container share. A parent chart may include "vitalsd.sidecar" among its own initContainers. */}}
{{- define "vitalsd.container" -}}
name: vitalsd
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
ports:
  - name: vitalsd
    containerPort: {{ .Values.port }}
    protocol: TCP
startupProbe:
  httpGet: {path: /-/healthy, port: vitalsd}
  periodSeconds: 1
  failureThreshold: 30
livenessProbe:
  httpGet: {path: /-/healthy, port: vitalsd}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- end }}

{{- define "vitalsd.sidecar" -}}
{{ include "vitalsd.container" . }}
args:
  - --web.listen-address=:{{ .Values.port }}
  - --collector.disable-defaults
  - --collector.self
  - --collector.uptime
  - --collector.netdev
  - --collector.targets
  - --collector.cgroups
  - --collector.cgroups.downward-api
  - --collector.process_groups.process-names={{ "{{.Username}}:cmdline=.+" }}
  - --path.state=/state
  - --budget.cpu={{ .Values.cpuBudget }}
  - --shutdown.timeout=10s
  - --shutdown.hold-for-scrape={{ .Values.holdForScrape }}
  {{- range .Values.extraArgs }}
  - {{ . | quote }}
  {{- end }}
env:
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  - name: POD_NAMESPACE
    valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
  - name: NODE_NAME
    valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - name: vitalsd-state
    mountPath: /state
{{- end }}
