package org.masquerelay.deploy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Values that together have every source of certificates with every issuer, every Redis and both
/// ways to cut the two hops apart.
@SuppressWarnings("ImmutableEnumChecker") // Set.of cannot be changed, which its type does not say
enum Values {
    DEFAULTS("", Set.of(), Set.of("Deployment", "Service", "NetworkPolicy", "Secret")),
    EVERYTHING(
            """
            commonLabels: {team: privacy}
            image: {registry: registry.example/, tag: "1.2", pullSecrets: [{name: pull}]}
            ingress:
              hosts: [relay.example]
              listener: {udp-bind: true, versions: "h3,h2"}
              config: {relay: {auth: {admit: [token, basic], basic: {users-file: /etc/users/users}}}}
              autoscaling: {enabled: true}
              antiAffinity: hard
              javaOptions: -Xmx512m
              extraEnv: [{name: A, value: b}]
              extraVolumes: [{name: users, secret: {secretName: users}}]
              extraVolumeMounts: [{name: users, mountPath: /etc/users}]
              podAnnotations: {a: b}
              podLabels: {c: d}
              nodeSelector: {pool: edge}
              tolerations: [{key: edge, operator: Exists}]
              priorityClassName: high
              service: {loadBalancerClass: example.com/lb, annotations: {e: f}}
            egress:
              image: {digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
              connectIp: {enabled: true}
              autoscaling: {enabled: true}
              affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
              service: {type: ClusterIP}
              config: {relay: {egress: {limits: {max-tunnels: 1000}}}}
            issuer: {mode: deployed, host: issuer.example, keySecretName: issuer-key}
            redis: {mode: bundled, storage: {className: fast}}
            monitoring:
              serviceMonitor: {enabled: true, labels: {release: prometheus}}
              prometheusRule: {enabled: true, labels: {release: prometheus}}
              dashboard: {enabled: true}
            """,
            Set.of("Secret issuer-key", "Secret users"),
            Set.of(
                    "HorizontalPodAutoscaler",
                    "PodDisruptionBudget",
                    "StatefulSet",
                    "ServiceMonitor",
                    "PrometheusRule")),
    GENERATED_ELSEWHERE(
            """
            issuer: {mode: elsewhere}
            redis: {mode: external, secretName: shared-redis}
            ingress:
              secretName: mine
              config: {relay: {auth: {issuers: [{name: i.example, directory: "https://i.example/d"}]}}}
            networkPolicy: {enabled: false}
            """,
            Set.of("Secret shared-redis", "Secret mine"),
            Set.of("Secret")),
    CERT_MANAGER(
            """
            tls: {source: certManager, certManager: {issuerRef: {name: letsencrypt}}}
            ingress: {hosts: [relay.example, r.example]}
            issuer: {mode: deployed, host: issuer.example, keySecretName: issuer-key}
            redis: {mode: bundled}
            """,
            Set.of("Secret issuer-key"),
            Set.of("Certificate", "Issuer")),
    CERT_MANAGER_ELSEWHERE(
            """
            tls: {source: certManager, certManager: {issuerRef: {name: ours, kind: Issuer}}}
            ingress: {hosts: [relay.example]}
            issuer: {mode: elsewhere}
            redis: {mode: external, secretName: shared-redis}
            monitoring: {serviceMonitor: {enabled: true}}
            """,
            Set.of("Secret shared-redis"),
            Set.of("Certificate", "Issuer", "ServiceMonitor")),
    EXISTING(
            """
            tls: {source: existing}
            ingress:
              tls: {secretName: front}
              upstream: {tls: {secretName: client, trustSecretName: servers}}
            egress: {tls: {secretName: server, trustSecretName: entry}, service: {type: LoadBalancer}}
            issuer:
              mode: deployed
              host: issuer.example
              keySecretName: issuer-key
              tls: {secretName: issuer-front, trustSecretName: issuer-ca}
            """,
            Set.of(
                    "Secret front",
                    "Secret client",
                    "Secret servers",
                    "Secret server",
                    "Secret entry",
                    "Secret issuer-key",
                    "Secret issuer-front",
                    "Secret issuer-ca"),
            Set.of("Deployment")),
    INGRESS_ALONE(
            """
            tls: {source: certManager, certManager: {issuerRef: {name: letsencrypt}}}
            egress: {enabled: false}
            ingress:
              hosts: [relay.example]
              upstream:
                uri: https://egress.example:4434
                tls: {secretName: client, trustSecretName: servers}
              config: {relay: {passthrough: {egresses: ["egress.example:4434"]}}}
            """,
            Set.of("Secret client", "Secret servers"),
            Set.of("Deployment", "Certificate")),
    FLEET(
            """
            tls: {source: certManager, certManager: {issuerRef: {name: letsencrypt}}}
            egress: {enabled: false}
            ingress:
              hosts: [relay.example]
              upstream:
                uris: ["https://a.example:4434", "https://b.example"]
                discovery: none
                sticky: tenant
                tls: {secretName: client, trustSecretName: servers}
            """,
            Set.of("Secret client", "Secret servers"),
            Set.of("Deployment", "Certificate")),
    EGRESS_ALONE(
            """
            tls: {source: existing}
            ingress: {enabled: false}
            issuer: {mode: elsewhere}
            egress:
              tls: {secretName: server, trustSecretName: entry}
              service: {type: LoadBalancer}
              config: {relay: {egress: {policy: {file: /etc/policy/policy}}}}
            networkPolicy: {egressFrom: [{ipBlock: {cidr: 192.0.2.0/24}}]}
            """,
            Set.of("Secret server", "Secret entry"),
            Set.of("Deployment")),
    ISSUER_ALONE(
            """
            ingress: {enabled: false}
            egress: {enabled: false}
            issuer: {mode: deployed, host: issuer.example, keySecretName: issuer-key}
            """,
            Set.of("Secret issuer-key"),
            Set.of("Deployment"));

    private static final Map<Values, List<Manifest>> RENDERED = new EnumMap<>(Values.class);

    private final String yaml;
    private final Set<String> given;
    private final Set<String> kinds;

    Values(String yaml, Set<String> given, Set<String> kinds) {
        this.yaml = yaml;
        this.given = given;
        this.kinds = kinds;
    }

    String yaml() {
        return yaml;
    }

    /// Rendered once: making keys takes its time.
    List<Manifest> render() {
        return RENDERED.computeIfAbsent(this, values -> Chart.render(values.yaml));
    }

    /// What the operator has made.
    Set<String> given() {
        return given;
    }

    /// Some of the kinds that have to be there.
    Set<String> kinds() {
        return kinds;
    }

    boolean hasConnectIp() {
        return yaml.contains("connectIp: {enabled: true}");
    }
}
