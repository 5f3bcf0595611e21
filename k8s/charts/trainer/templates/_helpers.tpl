{{- define "trainer.labels" -}}
app: {{ .Values.name }}
app.kubernetes.io/name: trainer
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "trainer.resources" -}}
{{- $limits := .Values.resources.limits | default dict }}
{{- if .Values.gpus }}
{{- $limits = merge (dict "nvidia.com/gpu" .Values.gpus) $limits }}
{{- end }}
{{- toYaml (merge (dict "limits" $limits) .Values.resources) }}
{{- end }}
