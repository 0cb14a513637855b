package org.masquerelay.deploy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

/// One object of Kubernetes, as a chart renders it.
record Manifest(JsonObject json) {
    private static final Gson GSON = new Gson();

    private static final Map<String, Model> MODELS =
            Map.of(
                    "v1 ConfigMap", V1ConfigMap::validateJsonElement,
                    "v1 Secret", V1Secret::validateJsonElement,
                    "v1 Service", V1Service::validateJsonElement,
                    "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
                    "apps/v1 Deployment", V1Deployment::validateJsonElement,
                    "apps/v1 StatefulSet", V1StatefulSet::validateJsonElement,
                    "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement,
                    "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
                    "autoscaling/v2 HorizontalPodAutoscaler",
                            V2HorizontalPodAutoscaler::validateJsonElement);

    /// The fields of `spec` of what is not Kubernetes' own.
    private static final Map<String, List<String>> CUSTOM =
            Map.of(
                    "cert-manager.io/v1 Issuer", List.of("ca", "selfSigned"),
                    "cert-manager.io/v1 Certificate",
                            List.of(
                                    "commonName",
                                    "dnsNames",
                                    "duration",
                                    "isCA",
                                    "issuerRef",
                                    "privateKey",
                                    "renewBefore",
                                    "secretName",
                                    "usages"),
                    "monitoring.coreos.com/v1 ServiceMonitor",
                            List.of("endpoints", "namespaceSelector", "selector"),
                    "monitoring.coreos.com/v1 PrometheusRule", List.of("groups"));

    /// What the model of a kind says of an object: unknown and missing fields, and wrong types.
    private interface Model {
        void validate(JsonElement json) throws IOException;
    }

    static List<Manifest> parse(String text) {
        var all = new ArrayList<Manifest>();
        for (var document : new Yaml().loadAll(text)) {
            if (document != null) {
                all.add(new Manifest(GSON.toJsonTree(document).getAsJsonObject()));
            }
        }
        return all;
    }

    /// @throws IllegalArgumentException when a field is unknown, missing or of the wrong type
    void validate() throws IOException {
        var type = json.get("apiVersion").getAsString() + " " + kind();
        var model = MODELS.get(type);
        if (model != null) {
            model.validate(json);
            return;
        }
        var known = CUSTOM.get(type);
        if (known == null) {
            throw new IllegalArgumentException("no model of " + type);
        }
        if (!known.containsAll(spec().keySet())) {
            throw new IllegalArgumentException(type + " has " + spec().keySet());
        }
    }

    String kind() {
        return json.get("kind").getAsString();
    }

    String name() {
        return json.getAsJsonObject("metadata").get("name").getAsString();
    }

    JsonObject spec() {
        return json.getAsJsonObject("spec");
    }

    /// The pod that a Deployment or StatefulSet makes.
    Optional<JsonObject> pod() {
        return Optional.ofNullable(json.getAsJsonObject("spec"))
                .map(spec -> spec.getAsJsonObject("template"))
                .map(template -> template.getAsJsonObject("spec"));
    }

    JsonObject podLabels() {
        return spec().getAsJsonObject("template")
                .getAsJsonObject("metadata")
                .getAsJsonObject("labels");
    }

    JsonObject container() {
        return pod().orElseThrow().getAsJsonArray("containers").get(0).getAsJsonObject();
    }

    static List<JsonObject> objects(JsonObject of, String list) {
        return of.has(list)
                ? StreamSupport.stream(of.getAsJsonArray(list).spliterator(), false)
                        .map(JsonElement::getAsJsonObject)
                        .toList()
                : List.of();
    }
}
