package org.masquerelay.boot.mistake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.SystemEnvironmentOrigin;

final class GivenTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "relay.auth.challenge-secret",
                "relay.egress.tenant-key[0]",
                "spring.data.redis.password",
                "relay.auth.issuer-keys",
                "spring.ssl.bundle.pem.front.keystore.private-key"
            })
    void showsNoValueThatMayBeSecret(String name) {
        assertThat(text(name, "hush")).isEqualTo("what it is set to (environment variable X)");
    }

    @Test
    void showsNoPasswordInAUri() {
        assertThat(text("spring.data.redis.url", "redis://me:hush@host")).doesNotContain("hush");
    }

    @Test
    void showsTheBeginningOfALongValue() {
        assertThat(text("relay.identifier", "a".repeat(1000)))
                .isEqualTo("\"" + "a".repeat(80) + "...\" (environment variable X)");
        assertThat(text("relay.issuer.limit.tokens", "many"))
                .isEqualTo("\"many\" (environment variable X)");
    }

    private static String text(String name, String value) {
        return Given.text(
                new ConfigurationProperty(
                        ConfigurationPropertyName.of(name),
                        value,
                        new SystemEnvironmentOrigin("X")));
    }
}
