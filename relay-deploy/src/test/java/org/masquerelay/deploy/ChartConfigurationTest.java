package org.masquerelay.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.egress.config.EgressProperties;
import org.masquerelay.ingress.config.IngressProperties;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;

/// The configuration that the chart writes has only settings that the apps have.
final class ChartConfigurationTest {
    @ParameterizedTest
    @EnumSource(Values.class)
    void everySettingIsOneOfItsApp(Values values) throws Exception {
        assertSettings(values.render());
    }

    @Test
    void theValuesInTheDocumentationAreGood() throws Exception {
        var text = Files.readString(Path.of("../docs/OPERATIONS.md"));
        int begin = text.indexOf("```yaml\n# ingress.yaml");
        var examples = text.substring(begin + 8, text.indexOf("```", begin + 8)).split("---\n");
        assertThat(examples).hasSize(2);
        for (var example : examples) {
            assertSettings(Chart.render(example));
        }
    }

    private static void assertSettings(List<Manifest> manifests) throws Exception {
        int bound = 0;
        for (var manifest : manifests) {
            var data = manifest.json().getAsJsonObject("data");
            if (manifest.kind().equals("ConfigMap") && data.has("application.yml")) {
                bind(
                        data.get("application.yml").getAsString(),
                        manifest.name().endsWith("-egress")
                                ? EgressProperties.class
                                : IngressProperties.class);
                bound++;
            }
        }
        assertThat(bound).isPositive();
    }

    @Test
    void noticesASettingThatIsNone() {
        assertThatThrownBy(() ->
                        bind(
                                "relay: {listeners: [{name: main, port: 1}], tsl: {a: b}}",
                                EgressProperties.class))
                .rootCause()
                .hasMessageContaining("relay.tsl.a");
    }

    private static void bind(String yaml, Class<?> to) throws Exception {
        var resource = new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8));
        var sources = new YamlPropertySourceLoader().load("application.yml", resource);
        var properties =
                StreamSupport.stream(
                                ConfigurationPropertySources.from(sources).spliterator(), false)
                        .toList();
        var binder = new Binder(properties, null, ApplicationConversionService.getSharedInstance());
        binder.bind("relay", Bindable.of(to), new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
                .get();
    }
}
