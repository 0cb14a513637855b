package org.masquerelay.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.masquerelay.deploy.Manifest.objects;

import com.google.gson.JsonObject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.boot.ops.RelayLifecycle;

/// The chart by itself: that it is good Helm, and what it makes good Kubernetes.
final class ChartTest {
    @Test
    void lintsStrictly() {
        var result = Chart.lint();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void everyManifestFitsTheModelOfItsKind(Values values) throws Exception {
        var manifests = values.render();
        for (var manifest : manifests) {
            manifest.validate();
        }
        assertThat(manifests.stream().map(one -> one.kind() + " " + one.name()))
                .doesNotHaveDuplicates();
        assertThat(manifests.stream().map(Manifest::kind).collect(Collectors.toSet()))
                .containsAll(values.kinds());
    }

    @Test
    void noticesAFieldThatIsNone() {
        var manifests = Chart.render("ingress: {extraEnv: [{name: A, valeu: b}]}");
        var deployment = Chart.find(manifests, "Deployment", "relay-masque-relay-ingress");
        assertThatThrownBy(deployment::validate).hasMessageContaining("valeu");
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void whatAManifestNamesIsThere(Values values) {
        var manifests = values.render();
        var pods = manifests.stream().filter(one -> one.pod().isPresent()).toList();
        var there = new HashSet<String>(values.given());
        manifests.forEach(one -> there.add(one.kind() + " " + one.name()));
        manifests.stream()
                .filter(one -> one.kind().equals("Certificate"))
                .forEach(one -> there.add("Secret " + one.spec().get("secretName").getAsString()));
        for (var pod : pods) {
            assertThat(there).as(pod.name()).containsAll(namedBy(pod));
            assertThat(mounts(pod)).as(pod.name()).isSubsetOf(volumes(pod));
        }
        for (var manifest : manifests) {
            switch (manifest.kind()) {
                case "Service" -> {
                    var selected = selected(pods, manifest.spec().getAsJsonObject("selector"));
                    for (var port : objects(manifest.spec(), "ports")) {
                        assertThat(portNames(selected))
                                .contains(port.get("targetPort").getAsString());
                    }
                }
                case "NetworkPolicy" -> selected(pods, labels(manifest, "podSelector"));
                case "PodDisruptionBudget" -> selected(pods, labels(manifest, "selector"));
                case "HorizontalPodAutoscaler" ->
                        assertThat(there)
                                .contains(
                                        "Deployment "
                                                + manifest.spec()
                                                        .getAsJsonObject("scaleTargetRef")
                                                        .get("name")
                                                        .getAsString());
                default -> {}
            }
        }
    }

    private static JsonObject labels(Manifest manifest, String selector) {
        return manifest.spec().getAsJsonObject(selector).getAsJsonObject("matchLabels");
    }

    /// The one Deployment or StatefulSet whose pods have these labels.
    private static Manifest selected(List<Manifest> pods, JsonObject labels) {
        var selected =
                pods.stream()
                        .filter(pod -> pod.podLabels().entrySet().containsAll(labels.entrySet()))
                        .toList();
        assertThat(selected).as("%s", labels).hasSize(1);
        return selected.getFirst();
    }

    private static Set<String> namedBy(Manifest pod) {
        var named = new HashSet<String>();
        for (var volume : objects(pod.pod().orElseThrow(), "volumes")) {
            if (volume.has("secret")) {
                named.add(
                        "Secret "
                                + volume.getAsJsonObject("secret").get("secretName").getAsString());
            }
            if (volume.has("configMap")) {
                named.add(
                        "ConfigMap "
                                + volume.getAsJsonObject("configMap").get("name").getAsString());
            }
        }
        for (var variable : objects(pod.container(), "env")) {
            if (variable.has("valueFrom")) {
                var from = variable.getAsJsonObject("valueFrom").getAsJsonObject("secretKeyRef");
                named.add("Secret " + from.get("name").getAsString());
            }
        }
        if (pod.pod().orElseThrow().has("serviceAccountName")) {
            named.add(
                    "ServiceAccount "
                            + pod.pod().orElseThrow().get("serviceAccountName").getAsString());
        }
        return named;
    }

    private static List<String> volumes(Manifest pod) {
        var all = new java.util.ArrayList<String>();
        objects(pod.pod().orElseThrow(), "volumes").forEach(one -> all.add(name(one)));
        objects(pod.spec(), "volumeClaimTemplates")
                .forEach(one -> all.add(name(one.getAsJsonObject("metadata"))));
        return all;
    }

    private static List<String> mounts(Manifest pod) {
        return objects(pod.container(), "volumeMounts").stream().map(ChartTest::name).toList();
    }

    private static List<String> portNames(Manifest pod) {
        return objects(pod.container(), "ports").stream().map(ChartTest::name).toList();
    }

    private static String name(JsonObject of) {
        return of.get("name").getAsString();
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void podsMayDoNothingThatTheyNeedNot(Values values) {
        for (var manifest : values.render()) {
            if (manifest.pod().isEmpty()) {
                continue;
            }
            var pod = manifest.pod().get();
            boolean root = manifest.name().endsWith("-egress") && values.hasConnectIp();
            var security = pod.getAsJsonObject("securityContext");
            var own = manifest.container().getAsJsonObject("securityContext");
            assertThat(security.get("runAsNonRoot").getAsBoolean()).isEqualTo(!root);
            assertThat(security.get("runAsUser").getAsInt() == 0).isEqualTo(root);
            assertThat(security.toString())
                    .contains("\"seccompProfile\":{\"type\":\"RuntimeDefault\"}");
            assertThat(pod.get("automountServiceAccountToken").getAsBoolean()).isFalse();
            assertThat(own.get("readOnlyRootFilesystem").getAsBoolean()).isTrue();
            assertThat(own.get("allowPrivilegeEscalation").getAsBoolean()).isFalse();
            assertThat(own.getAsJsonObject("capabilities").toString())
                    .isEqualTo(
                            root
                                    ? "{\"drop\":[\"ALL\"],\"add\":[\"NET_ADMIN\"]}"
                                    : "{\"drop\":[\"ALL\"]}");
            assertThat(pod.toString()).doesNotContain("\"hostNetwork\"", "\"privileged\"");
            assertThat(pod.toString().contains("hostPath")).isEqualTo(root);
        }
    }

    @Test
    void podsHaveTheTimeToDrain() {
        var manifests = Chart.render("drain: {endpointSeconds: 7, timeoutSeconds: 100}");
        for (var name : List.of("relay-masque-relay-ingress", "relay-masque-relay-egress")) {
            var deployment = Chart.find(manifests, "Deployment", name);
            assertThat(deployment.container().getAsJsonObject("lifecycle").toString())
                    .isEqualTo("{\"preStop\":{\"sleep\":{\"seconds\":7}}}");
            assertThat(
                            deployment
                                    .pod()
                                    .orElseThrow()
                                    .get("terminationGracePeriodSeconds")
                                    .getAsLong())
                    .isEqualTo(7 + 100 + RelayLifecycle.CLOSING.toSeconds());
            assertThat(Chart.find(manifests, "ConfigMap", name).json().toString())
                    .contains("timeout: 100s");
        }
    }

    @Test
    void clientsReachUdpAndTcpAtOnePortAndNotTheMeters() {
        var service = Chart.find(Chart.render(""), "Service", "relay-masque-relay-ingress").spec();
        assertThat(service.getAsJsonArray("ports").toString())
                .isEqualTo(
                        "[{\"name\":\"h3\",\"protocol\":\"UDP\",\"port\":443,\"targetPort\":\"h3\"},"
                                + "{\"name\":\"h2\",\"protocol\":\"TCP\",\"port\":443,\"targetPort\":\"h2\"}]");
        assertThat(service.get("type").getAsString()).isEqualTo("LoadBalancer");
    }

    @Test
    void theEgressReachesTheInternetAndNothingPrivate() {
        var policy =
                Chart.find(Chart.render(""), "NetworkPolicy", "relay-masque-relay-egress").spec();
        var rules = objects(policy, "egress");
        assertThat(rules).hasSize(2);
        assertThat(rules.getFirst().getAsJsonArray("ports").toString())
                .isEqualTo(
                        "[{\"port\":53,\"protocol\":\"UDP\"},{\"port\":53,\"protocol\":\"TCP\"}]");
        var networks = objects(rules.getLast(), "to");
        assertThat(networks.getFirst().toString())
                .contains("0.0.0.0/0", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
                .contains("100.64.0.0/10", "169.254.0.0/16");
        assertThat(networks.getLast().toString()).contains("\"::/0\"", "fc00::/7", "fe80::/10");
    }

    /// An API server reads ::ffff:0:0 as an address of IPv4, as Java does, and refuses the policy.
    @Test
    void exceptsRangesOfTheFamilyOfTheirNetwork() throws Exception {
        var policy =
                Chart.find(Chart.render(""), "NetworkPolicy", "relay-masque-relay-egress").spec();
        for (var network : objects(objects(policy, "egress").getLast(), "to")) {
            var block = network.getAsJsonObject("ipBlock");
            var family = address(block.get("cidr").getAsString()).getClass();
            for (var except : block.getAsJsonArray("except")) {
                assertThat(address(except.getAsString())).isInstanceOf(family);
            }
        }
    }

    private static InetAddress address(String cidr) throws UnknownHostException {
        return InetAddress.getByName(cidr.substring(0, cidr.indexOf('/')));
    }

    @Test
    void theIngressReachesEveryEgressThatIsNamed() {
        var manifests = Values.FLEET.render();
        var rules =
                objects(
                        Chart.find(manifests, "NetworkPolicy", "relay-masque-relay-ingress").spec(),
                        "egress");
        assertThat(rules.get(1).getAsJsonArray("ports").toString())
                .isEqualTo(
                        "[{\"port\":4434,\"protocol\":\"UDP\"},{\"port\":4434,\"protocol\":\"TCP\"},"
                                + "{\"port\":443,\"protocol\":\"UDP\"},{\"port\":443,\"protocol\":\"TCP\"}]");
        assertThat(settings(manifests))
                .contains("https://a.example:4434", "https://b.example")
                .contains("sticky: tenant", "records: none");
    }

    @Test
    void thePodsOfAHeadlessEgressAreAFleet() {
        assertThat(settings(Chart.render(""))).contains("records: addresses");
        assertThat(settings(Chart.render("egress: {service: {type: ClusterIP}}")))
                .contains("records: none");
    }

    private static String settings(List<Manifest> manifests) {
        return manifests.stream()
                .filter(one -> one.kind().equals("ConfigMap"))
                .filter(one -> one.name().endsWith("-ingress"))
                .findFirst()
                .orElseThrow()
                .json()
                .getAsJsonObject("data")
                .get("application.yml")
                .getAsString();
    }

    @Test
    void nobodyIsNotEverybody() {
        var manifests = Chart.render("networkPolicy: {monitoring: [], dns: []}");
        for (var manifest : manifests) {
            if (manifest.kind().equals("NetworkPolicy")) {
                assertThat(manifest.spec().toString())
                        .doesNotContain("\"from\":[]", "\"to\":[]", ":8081", ":8082");
            }
        }
    }

    @Test
    void scalesOnOpenTunnels() {
        var manifests = Chart.render("ingress: {autoscaling: {enabled: true, tunnelsPerPod: 500}}");
        var name = "relay-masque-relay-ingress";
        assertThat(
                        Chart.find(manifests, "HorizontalPodAutoscaler", name)
                                .spec()
                                .getAsJsonArray("metrics")
                                .toString())
                .isEqualTo(
                        "[{\"type\":\"Pods\",\"pods\":{\"metric\":{\"name\":\"masque_tunnels_active\"},"
                                + "\"target\":{\"type\":\"AverageValue\",\"averageValue\":\"500\"}}}]");
        assertThat(Chart.find(manifests, "Deployment", name).spec().has("replicas")).isFalse();
    }

    record Refused(String values, String because) {
        @Override
        public String toString() {
            return values;
        }
    }

    static List<Refused> refused() {
        return List.of(
                new Refused("ingress: {replicas: two}", "/ingress/replicas"),
                new Refused("ingress: {replicas: -1}", "/ingress/replicas"),
                new Refused("ingress: {replicsa: 1}", "replicsa"),
                new Refused("tls: {source: self}", "/tls/source"),
                new Refused("issuer: {mode: on}", "/issuer/mode"),
                new Refused("redis: {mode: cluster}", "/redis/mode"),
                new Refused("drain: {timeoutSeconds: 30s}", "/drain/timeoutSeconds"),
                new Refused("ingress: {upstream: {uri: http://egress}}", "/ingress/upstream/uri"),
                new Refused(
                        "ingress: {upstream: {uris: [egress:4434]}}", "/ingress/upstream/uris/0"),
                new Refused(
                        "ingress: {upstream: {discovery: mdns}}", "/ingress/upstream/discovery"),
                new Refused("ingress: {upstream: {sticky: client}}", "/ingress/upstream/sticky"),
                new Refused("ingress: {hosts: [a b]}", "/ingress/hosts/0"),
                new Refused("ingress: {service: {port: 70000}}", "/ingress/service/port"),
                new Refused("ingress: {service: {type: Headless}}", "/ingress/service/type"),
                new Refused("ingress: {listener: {port: 1}}", "/ingress/listener"),
                new Refused(
                        "ingress: {config: {relay: {drain: {timeout: 1s}}}}", "/ingress/config"),
                new Refused("egress: {config: {server: {port: 1}}}", "/egress/config"),
                new Refused("egress: {antiAffinity: strong}", "/egress/antiAffinity"),
                new Refused("egress: {resources: {limits: {memory: much}}}", "/egress/resources"),
                new Refused("egress: {image: {digest: latest}}", "/egress/image/digest"),
                new Refused("podSecurity: {runAsUser: 0}", "/podSecurity/runAsUser"),
                new Refused(
                        "networkPolicy: {privateRanges: {ipv4: [10.0.0.0/33]}}",
                        "/networkPolicy/privateRanges/ipv4"),
                new Refused(
                        "networkPolicy: {privateRanges: {ipv6: []}}",
                        "/networkPolicy/privateRanges/ipv6"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void theSchemaRefuses(Refused one) {
        assertThatThrownBy(() -> Chart.render(one.values()))
                .hasMessageContaining("values don't meet the specifications of the schema")
                .hasMessageContaining(one.because());
    }

    static List<Refused> contradictions() {
        return List.of(
                new Refused("tls: {source: existing}", "has to name a Secret"),
                new Refused("tls: {source: certManager}", "ingress.hosts has to have the names"),
                new Refused(
                        "{tls: {source: certManager}, ingress: {hosts: [a.example]}}",
                        "tls.certManager.issuerRef.name"),
                new Refused("egress: {enabled: false}", "ingress.upstream.uri"),
                new Refused(
                        "{egress: {enabled: false}, ingress: {upstream: {uri: https://e.example}}}",
                        "ingress.upstream.tls.trustSecretName"),
                new Refused(
                        "{ingress: {upstream: {uri: https://e.example, uris: [https://f.example]}}}",
                        "ingress.upstream.uris"),
                new Refused(
                        "{ingress: {upstream: {uris: [https://e.example]}}}",
                        "ingress.upstream.tls.trustSecretName"),
                new Refused("ingress: {enabled: false}", "egress.tls.trustSecretName"),
                new Refused("issuer: {mode: deployed}", "issuer.host"),
                new Refused(
                        "{tls: {source: certManager, certManager: {issuerRef: {name: a}}}, issuer:"
                                + " {mode: deployed, host: i.example}, ingress: {hosts: [a.example]}}",
                        "issuer.keySecretName"),
                new Refused("redis: {mode: external}", "redis.secretName"),
                new Refused(
                        "egress: {autoscaling: {enabled: true, minReplicas: 9, maxReplicas: 3}}",
                        "egress.autoscaling.minReplicas"));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void theChartSaysWhatIsMissing(Refused one) {
        assertThatThrownBy(() -> Chart.render(one.values())).hasMessageContaining(one.because());
    }
}
