package org.masquerelay.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The chart at an API server of Kubernetes, which needs no nodes. It has to have the kinds of
/// cert-manager and of the Prometheus operator, and a namespace `masque`; kubectl is on the path.
@EnabledIfEnvironmentVariable(
        named = ApiServerTest.KUBECONFIG,
        matches = ".+",
        disabledReason = "names no kubeconfig of an API server")
final class ApiServerTest {
    static final String KUBECONFIG = "RELAY_TEST_KUBECONFIG";

    private static final String NAMESPACE = "masque";

    private static final String RELEASE = "trial";

    @TempDir private Path directory;

    private Path kubeconfig = Path.of("");

    @BeforeEach
    void find() {
        kubeconfig = Path.of(System.getenv(KUBECONFIG)).toAbsolutePath();
    }

    /// Not a dry run, in which Helm asks the server for nothing but what is there.
    @ParameterizedTest
    @EnumSource(Values.class)
    void theServerTakesEveryManifest(Values values) throws Exception {
        install(file(values.yaml()));
        uninstall();
    }

    @Test
    void anUpgradeKeepsWhatTheInstallationMade() throws Exception {
        var values = file("redis: {mode: bundled}\nissuer: {mode: deployed, host: i.example}\n");
        install(values);
        try {
            var made = secrets();
            assertThat(made).hasSizeGreaterThan(5);
            upgrade(values);
            assertThat(secrets()).isEqualTo(made);
        } finally {
            uninstall();
        }
    }

    private void install(Path values) {
        try {
            new Helm(Chart.DIRECTORY)
                    .install()
                    .withName(RELEASE)
                    .withNamespace(NAMESPACE)
                    .withValuesFile(values)
                    .withKubeConfig(kubeconfig)
                    .call();
        } catch (IllegalStateException refused) {
            uninstall();
            throw refused;
        }
    }

    private void upgrade(Path values) {
        new Helm(Chart.DIRECTORY)
                .upgrade()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withValuesFile(values)
                .withKubeConfig(kubeconfig)
                .call();
    }

    /// What the Secrets hold, by name, without those that Helm remembers its revisions by.
    private Map<String, JsonElement> secrets() throws IOException {
        var kubectl =
                new ProcessBuilder(
                                "kubectl",
                                "--kubeconfig=" + kubeconfig,
                                "--namespace=" + NAMESPACE,
                                "--field-selector=type!=helm.sh/release.v1",
                                "get",
                                "secrets",
                                "--output=json")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var answer = kubectl.inputReader()) {
            return Manifest.objects(JsonParser.parseReader(answer).getAsJsonObject(), "items")
                    .stream()
                    .map(Manifest::new)
                    .collect(Collectors.toMap(Manifest::name, one -> one.json().get("data")));
        }
    }

    private void uninstall() {
        Helm.uninstall(RELEASE).withNamespace(NAMESPACE).withKubeConfig(kubeconfig).call();
    }

    private Path file(String values) throws IOException {
        return Files.writeString(directory.resolve("values.yaml"), values);
    }
}
