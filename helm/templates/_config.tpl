{{/* The application.yml of each app: what the chart has to say, and over it what the operator says in `config`. */}}
{{- define "masque.config" -}}
{{- $chart := include (printf "masque.config.%s" .app) .root | fromYaml }}
{{- toYaml (mergeOverwrite $chart (deepCopy (index .root.Values .app).config)) }}
{{- end }}

{{- define "masque.config.common" -}}
server:
  port: {{ include "masque.managementPort" . }}
  address: {{ .root.Values.management.address | quote }}
management:
  endpoint:
    drain:
      access: read-only # SIGTERM drains, and who may read meters need not be able to
relay:
  drain:
    timeout: {{ .root.Values.drain.timeoutSeconds }}s
  listeners:
    - {{ mustMergeOverwrite (dict "name" "main" "port" (include "masque.port" . | int)) (deepCopy (index .root.Values .app).listener) | toJson }}
{{- end }}

{{- define "masque.bundle" -}}
reload-on-update: true
{{- if .key }}
keystore:
  certificate: file:/etc/masque-relay/tls/{{ .key }}/tls.crt
  private-key: file:/etc/masque-relay/tls/{{ .key }}/tls.key
{{- end }}
{{- if .trust }}
truststore:
  certificate: file:/etc/masque-relay/tls/{{ .trust }}/ca.crt
{{- end }}
{{- end }}

{{/* Pods behind one address share a private key, so a stateless reset of one would end connections of another. */}}
{{- define "masque.config.ingress" -}}
{{- $common := include "masque.config.common" (dict "root" . "app" "ingress") | fromYaml }}
{{- $bundles := dict
    "front" (include "masque.bundle" (dict "key" "front") | fromYaml)
    "upstream" (include "masque.bundle" (dict "key" "upstream" "trust" "upstream-trust") | fromYaml) }}
{{- $auth := dict }}
{{- $issuer := dict "enabled" false }}
{{- if eq .Values.issuer.mode "inside" }}
{{- $_ := set $issuer "enabled" true }}
{{- $_ := set $issuer "key-file" "/etc/masque-relay/issuer/issuer.pem" }}
{{- $_ := set $auth "issuer-name" (default "localhost:4443" (first .Values.ingress.hosts)) }}
{{- else if eq .Values.issuer.mode "deployed" }}
{{- $one := dict "name" (include "masque.issuerHost" .) "directory" (include "masque.issuerDirectory" .) }}
{{- if include "masque.trust.issuer" . }}
{{- $_ := set $bundles "issuer" (include "masque.bundle" (dict "trust" "issuer-trust") | fromYaml) }}
{{- $_ := set $one "tls-bundle" "issuer" }}
{{- end }}
{{- $_ := set $auth "issuers" (list $one) }}
{{- end }}
{{- if ne .Values.redis.mode "none" }}
{{- $_ := set $auth "challenge-secret" "file:/etc/masque-relay/secrets/challenge-secret" }}
{{- $_ := set $auth "spent" (dict "store" "redis") }}
{{- end }}
{{- $spring := dict "ssl" (dict "bundle" (dict "pem" $bundles)) }}
{{- if eq .Values.redis.mode "bundled" }}
{{- $_ := set $spring "data" (dict "redis" (dict "host" (include "masque.serviceHost" (dict "root" . "app" "redis")) "port" 6379)) }}
{{- end }}
{{- $upstream := dict
    "discovery" (dict "records" (include "masque.discovery" .))
    "sticky" .Values.ingress.upstream.sticky
    "tls-bundle" "upstream" }}
{{- $egresses := splitList "," (include "masque.upstreamUris" .) }}
{{- if eq (len $egresses) 1 }}
{{- $_ := set $upstream "uri" (first $egresses) }}
{{- else }}
{{- $_ := set $upstream "uris" $egresses }}
{{- end }}
{{- $relay := dict
    "tls" (dict "bundle" "front")
    "upstream" $upstream
    "auth" $auth
    "issuer" $issuer
    "quic" (dict
      "retry-secret" "file:/etc/masque-relay/secrets/retry-secret"
      "stateless-reset" false) }}
{{- toYaml (mergeOverwrite $common (dict "spring" $spring "relay" $relay)) }}
{{- end }}

{{- define "masque.config.egress" -}}
{{- $common := include "masque.config.common" (dict "root" . "app" "egress") | fromYaml }}
{{- $bundle := include "masque.bundle" (dict "key" "egress" "trust" "entry-trust") | fromYaml }}
{{- toYaml (mergeOverwrite $common (dict
    "spring" (dict "ssl" (dict "bundle" (dict "pem" (dict "egress" $bundle))))
    "relay" (dict
      "tls" (dict "bundle" "egress")
      "quic" (dict "stateless-reset" (eq .Values.egress.service.type "Headless"))))) }}
{{- end }}

{{- define "masque.config.issuer" -}}
{{- $common := include "masque.config.common" (dict "root" . "app" "issuer") | fromYaml }}
{{- $bundle := include "masque.bundle" (dict "key" "front") | fromYaml }}
{{- toYaml (mergeOverwrite $common (dict
    "spring" (dict "ssl" (dict "bundle" (dict "pem" (dict "front" $bundle))))
    "relay" (dict
      "role" "issuer"
      "tls" (dict "bundle" "front")
      "quic" (dict "stateless-reset" false)
      "issuer" (dict "key-file" "/etc/masque-relay/issuer/issuer.pem")))) }}
{{- end }}
