package org.masquerelay.ingress.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

final class UpstreamPropertiesTest {
    @Test
    void withoutPropertiesTheSettingsAreTheStandardOnes() {
        var properties =
                new Binder(new MapConfigurationPropertySource(Map.of()))
                        .bindOrCreate("relay.upstream", UpstreamProperties.class);

        assertThat(properties.toSettings(CapsulePolicy.STANDARD, Duration.ofSeconds(10)))
                .usingRecursiveComparison()
                .isEqualTo(UpstreamSettings.STANDARD);
    }
}
