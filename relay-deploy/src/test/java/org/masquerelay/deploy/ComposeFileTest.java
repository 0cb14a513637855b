package org.masquerelay.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// What docker-compose.yml and Dockerfile say, without an engine.
final class ComposeFileTest {
    private static final Pattern FLAGS =
            Pattern.compile("<relay\\.jvm\\.flags>(.*)</relay\\.jvm\\.flags>");

    private static Map<?, ?> services;

    @BeforeAll
    static void read() throws IOException {
        services = (Map<?, ?>) at(yaml("docker-compose.yml"), "services");
    }

    @Test
    void namesOurImagesAsTheChartDoes() throws Exception {
        var values = yaml("helm/values.yaml");
        var version = at(yaml("helm/Chart.yaml"), "appVersion");
        for (var app : List.of("ingress", "egress")) {
            var repository = at(at(at(values, app), "image"), "repository");
            assertThat(at(service(app.equals("egress") ? "egress-a" : app), "image"))
                    .isEqualTo(repository + ":${RELAY_TAG:-" + version + "}");
        }
        assertThat(at(service("issuer"), "image")).isEqualTo(at(service("ingress"), "image"));
    }

    @Test
    void pinsTheImagesOfOthers() {
        assertThat(services.values())
                .extracting(service -> at(service, "image").toString())
                .filteredOn(image -> !image.startsWith("masque-relay/"))
                .hasSize(3)
                .allMatch(image -> image.matches("[a-z/]+:v?\\d+\\.\\d+\\.\\d+(-[a-z]+)?"));
    }

    @Test
    void letsNoServiceWriteOrRiseAndNobodyElseConnect() {
        services.forEach((name, service) -> {
            assertThat(at(service, "read_only")).as("%s", name).isEqualTo(true);
            assertThat(at(service, "cap_drop")).as("%s", name).isEqualTo(List.of("ALL"));
            assertThat(at(service, "security_opt"))
                    .as("%s", name)
                    .isEqualTo(List.of("no-new-privileges:true"));
            assertThat(at(service, "mem_limit")).as("%s", name).isNotNull();
            if (((Map<?, ?>) service).get("ports") instanceof List<?> ports) {
                assertThat(ports)
                        .allMatch(
                                port -> port.toString().matches("(127\\.0\\.0\\.1|\\[::1]):\\$.*"));
            }
        });
    }

    @Test
    void startsEveryJvmWithTheFlagsThatTheTestsHave() throws Exception {
        var found = FLAGS.matcher(Files.readString(Path.of("../pom.xml")));
        assertThat(found.find()).isTrue();
        var options = Files.readAllLines(Path.of("../deploy/image/java.options"));
        assertThat(options).contains(found.group(1).split(" "));
        for (var unit : List.of("ingress", "egress", "issuer")) {
            assertThat(Path.of("../deploy/systemd/masque-" + unit + ".service"))
                    .content()
                    .contains(found.group(1));
        }
    }

    private static Object service(String name) {
        return at(services, name);
    }

    private static Object yaml(String file) throws IOException {
        return new Yaml().load(Files.readString(Path.of("..", file)));
    }

    private static Object at(Object map, String key) {
        return Objects.requireNonNull(((Map<?, ?>) map).get(key), key);
    }
}
