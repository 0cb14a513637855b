{{- define "masque.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "masque.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "masque.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "masque.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The apps of this release, by component. */}}
{{- define "masque.apps" -}}
{{- $apps := list }}
{{- if .Values.ingress.enabled }}{{ $apps = append $apps "ingress" }}{{ end }}
{{- if .Values.egress.enabled }}{{ $apps = append $apps "egress" }}{{ end }}
{{- if eq .Values.issuer.mode "deployed" }}{{ $apps = append $apps "issuer" }}{{ end }}
{{- $apps | join "," }}
{{- end }}

{{/* What one component's templates see: (dict "root" $ "app" "ingress"). */}}
{{- define "masque.selector" -}}
app.kubernetes.io/name: {{ include "masque.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .app }}
{{- end }}

{{- define "masque.labels" -}}
{{ include "masque.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: masque-relay
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "masque.port" -}}
{{- if eq .app "egress" }}4434{{ else }}4443{{ end }}
{{- end }}

{{- define "masque.managementPort" -}}
{{- if eq .app "egress" }}8082{{ else }}8081{{ end }}
{{- end }}

{{- define "masque.image" -}}
{{- $image := (index .root.Values (ternary "ingress" .app (eq .app "issuer"))).image }}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}{{ end }}
{{- end }}

{{- define "masque.serviceHost" -}}
{{ include "masque.fullname" .root }}-{{ .app }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}
{{- end }}

{{/* The Secrets of TLS: those that are named, or those of this release. */}}
{{- define "masque.secret.ingress" -}}
{{- include "masque.secret" (dict "root" . "given" .Values.ingress.tls.secretName "suffix" "ingress-tls" "value" "ingress.tls.secretName") }}
{{- end }}
{{- define "masque.secret.client" -}}
{{- include "masque.secret" (dict "root" . "given" .Values.ingress.upstream.tls.secretName "suffix" "ingress-client-tls" "value" "ingress.upstream.tls.secretName") }}
{{- end }}
{{- define "masque.secret.egress" -}}
{{- include "masque.secret" (dict "root" . "given" .Values.egress.tls.secretName "suffix" "egress-tls" "value" "egress.tls.secretName") }}
{{- end }}
{{- define "masque.secret.issuer" -}}
{{- include "masque.secret" (dict "root" . "given" .Values.issuer.tls.secretName "suffix" "issuer-tls" "value" "issuer.tls.secretName") }}
{{- end }}
{{- define "masque.secret" -}}
{{- if .given }}
{{- .given }}
{{- else if eq .root.Values.tls.source "existing" }}
{{- fail (printf "tls.source is existing: %s has to name a Secret" .value) }}
{{- else }}
{{- include "masque.fullname" .root }}-{{ .suffix }}
{{- end }}
{{- end }}

{{/* Whose ca.crt the two hops trust: of each other's Secret, if it is of this release. */}}
{{- define "masque.trust.upstream" -}}
{{- if .Values.ingress.upstream.tls.trustSecretName }}
{{- .Values.ingress.upstream.tls.trustSecretName }}
{{- else if or (not .Values.egress.enabled) (include "masque.upstreamElsewhere" .) .Values.egress.tls.secretName }}
{{- fail "ingress.upstream.tls.trustSecretName has to name a Secret with the ca.crt of who signs the egress, which has its certificate from elsewhere" }}
{{- else }}
{{- include "masque.secret.egress" . }}
{{- end }}
{{- end }}
{{- define "masque.trust.entry" -}}
{{- if .Values.egress.tls.trustSecretName }}
{{- .Values.egress.tls.trustSecretName }}
{{- else if or (not .Values.ingress.enabled) .Values.ingress.upstream.tls.secretName }}
{{- fail "egress.tls.trustSecretName has to name a Secret with the ca.crt of who signs the client certificates of ingresses, which have theirs from elsewhere" }}
{{- else }}
{{- include "masque.secret.client" . }}
{{- end }}
{{- end }}
{{/* Empty: the authorities of the JDK. */}}
{{- define "masque.trust.issuer" -}}
{{- if .Values.issuer.tls.trustSecretName }}
{{- .Values.issuer.tls.trustSecretName }}
{{- else if and (eq .Values.tls.source "generated") (not .Values.issuer.tls.secretName) }}
{{- include "masque.secret.issuer" . }}
{{- end }}
{{- end }}

{{- define "masque.secrets" -}}
{{- default (printf "%s-secrets" (include "masque.fullname" .)) .Values.ingress.secretName }}
{{- end }}

{{- define "masque.redisSecret" -}}
{{- if .Values.redis.secretName }}
{{- .Values.redis.secretName }}
{{- else if eq .Values.redis.mode "external" }}
{{- fail "redis.mode is external: redis.secretName has to name a Secret with the key url" }}
{{- else }}
{{- include "masque.fullname" . }}-redis
{{- end }}
{{- end }}

{{/* Where the egresses are, if they are not of this release: origins with commas between them. */}}
{{- define "masque.upstreamElsewhere" -}}
{{- if and .Values.ingress.upstream.uri .Values.ingress.upstream.uris }}
{{- fail "ingress.upstream.uris names egresses beside that of ingress.upstream.uri: name all of them there" }}
{{- end }}
{{- default (list .Values.ingress.upstream.uri) .Values.ingress.upstream.uris | compact | join "," }}
{{- end }}

{{- define "masque.upstreamUris" -}}
{{- if include "masque.upstreamElsewhere" . }}
{{- include "masque.upstreamElsewhere" . }}
{{- else if not .Values.egress.enabled }}
{{- fail "ingress.upstream.uri or ingress.upstream.uris has to say where the egress is, as this release has none" }}
{{- else if eq .Values.egress.service.type "Headless" }}
{{- printf "https://%s:4434" (include "masque.serviceHost" (dict "root" . "app" "egress")) }}
{{- else }}
{{- printf "https://%s:%v" (include "masque.serviceHost" (dict "root" . "app" "egress")) .Values.egress.service.port }}
{{- end }}
{{- end }}

{{- define "masque.discovery" -}}
{{- if .Values.ingress.upstream.discovery }}
{{- .Values.ingress.upstream.discovery }}
{{- else if and (eq .Values.egress.service.type "Headless") (not (include "masque.upstreamElsewhere" .)) -}}
addresses
{{- else -}}
none
{{- end }}
{{- end }}

{{- define "masque.issuerHost" -}}
{{- required "issuer.mode is deployed: issuer.host has to be the name by which clients reach the issuer" .Values.issuer.host }}
{{- end }}

{{- define "masque.issuerDirectory" -}}
{{- $path := "/.well-known/private-token-issuer-directory" }}
{{- if .Values.issuer.directory }}
{{- .Values.issuer.directory }}
{{- else if and (eq .Values.tls.source "generated") (not .Values.issuer.tls.secretName) }}
{{- printf "https://%s:%v%s" (include "masque.serviceHost" (dict "root" . "app" "issuer")) .Values.issuer.service.port $path }}
{{- else }}
{{- printf "https://%s:%v%s" (include "masque.issuerHost" .) .Values.issuer.service.port $path }}
{{- end }}
{{- end }}

{{/* A volume of a Secret with these keys and no other: (list "name" "secret" "key" ...). */}}
{{- define "masque.volume" -}}
- name: {{ index . 0 }}
  secret:
    secretName: {{ index . 1 }}
    defaultMode: 0440
    items:
      {{- range slice . 2 }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}

{{/* The data of a Secret that an earlier revision has made. */}}
{{- define "masque.kept" -}}
{{- if .root.Release.IsUpgrade }}
{{- (lookup "v1" "Secret" .root.Release.Namespace .name).data | default dict | toYaml }}
{{- end }}
{{- end }}

{{/* Empty: there is no issuer here. */}}
{{- define "masque.issuerKey" -}}
{{- if eq .Values.issuer.mode "elsewhere" }}
{{- else if .Values.issuer.keySecretName }}
{{- .Values.issuer.keySecretName }}
{{- else if and (eq .Values.issuer.mode "deployed") (ne .Values.tls.source "generated") }}
{{- fail "issuer.mode is deployed: issuer.keySecretName has to name a Secret with issuer.pem" }}
{{- else if or .Values.ingress.enabled (eq .Values.issuer.mode "deployed") }}
{{- include "masque.fullname" . }}-issuer-key
{{- end }}
{{- end }}
