{{/* The pod of every mode. */}}
{{- define "regsync.podTemplate" -}}
metadata:
  labels:
    {{- include "regsync.podLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if not (include "regsync.isServer" .) }}
  restartPolicy: Never
  {{- end }}
  serviceAccountName: {{ include "regsync.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: regsync
      image: {{ include "regsync.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - {{ ternary "server" "once" (eq (include "regsync.isServer" .) "true") }}
        - --config=/etc/regsync/regsync.yml
        {{- if include "regsync.hasState" . }}
        - --state-dir=/var/lib/regsync
        {{- end }}
        {{- if include "regsync.isServer" . }}
        - --listen=:{{ .Values.server.port }}
        {{- end }}
        - --logopt=json
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      env:
        - name: DOCKER_CONFIG
          value: /var/run/secrets/regsync/docker
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if include "regsync.isServer" . }}
      ports:
        - name: ops
          containerPort: {{ .Values.server.port }}
          protocol: TCP
      startupProbe:
        {{- include "regsync.probe" (dict "path" "/startupz" "scheme" .Values.server.scheme "timing" .Values.startupProbe) | nindent 8 }}
      livenessProbe:
        {{- include "regsync.probe" (dict "path" "/livez" "scheme" .Values.server.scheme "timing" .Values.livenessProbe) | nindent 8 }}
      readinessProbe:
        {{- include "regsync.probe" (dict "path" "/readyz" "scheme" .Values.server.scheme "timing" .Values.readinessProbe) | nindent 8 }}
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      terminationMessagePolicy: FallbackToLogsOnError
      volumeMounts:
        # A directory and no subPath: only so does a change of the ConfigMap arrive.
        - name: config
          mountPath: /etc/regsync
          readOnly: true
        - name: docker
          mountPath: /var/run/secrets/regsync/docker
          readOnly: true
        {{- if include "regsync.hasState" . }}
        - name: state
          mountPath: /var/lib/regsync
        {{- end }}
        - name: tmp
          mountPath: /tmp
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      {{- if or .Values.existingSecret (and .Values.configAsSecret (not .Values.existingConfigMap)) }}
      secret:
        secretName: {{ default (include "regsync.fullname" .) .Values.existingSecret }}
        # 0440
        defaultMode: 288
      {{- else }}
      configMap:
        name: {{ default (include "regsync.fullname" .) .Values.existingConfigMap }}
      {{- end }}
    - name: docker
      secret:
        secretName: {{ include "regsync.dockerSecretName" . }}
        # 0440
        defaultMode: 288
        items:
          - key: .dockerconfigjson
            path: config.json
    {{- if eq .Values.mode "StatefulSet" }}{{/* its claim is a volume already */}}
    {{- else if .Values.persistence.existingClaim }}
    - name: state
      persistentVolumeClaim:
        claimName: {{ .Values.persistence.existingClaim }}
    {{- else if include "regsync.hasState" . }}
    - name: state
      emptyDir:
        sizeLimit: {{ .Values.persistence.emptyDirSize }}
    {{- end }}
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
