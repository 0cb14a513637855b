package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.transport.QuicSettings;
import org.masquerelay.transport.QuicSettings.When;
import org.masquerelay.transport.ResetKey;
import org.masquerelay.transport.RetrySecret;

final class QuicPropertiesTest {
    private static final FrontSettings FRONT =
            FrontSettings.standard(
                    "relay", new InetSocketAddress("127.0.0.1", 0), ClientCertificates.IGNORED);

    private static QuicSettings settings(int eventLoops, Map<String, String> set) {
        return Bound.to(QuicProperties.class, set).applyTo(FRONT, eventLoops).connection().quic();
    }

    @Test
    void isTheStandardWithoutSettings() {
        assertThat(settings(4, Map.of())).isEqualTo(QuicSettings.STANDARD);
    }

    @Test
    void readsEverySetting() {
        var secret = new byte[32];
        secret[0] = 7;
        var key = new byte[32];
        key[0] = 8;

        var set =
                Map.of(
                        "retry", "always",
                        "retry-token-lifetime", "5s",
                        "retry-secret-rotation", "2m",
                        "retry-secret", Base64.getEncoder().encodeToString(secret),
                        "connection-id-length", "12",
                        "stateless-reset-key", Base64.getEncoder().encodeToString(key),
                        "stray-answers-per-second", "5");

        assertThat(settings(4, set))
                .isEqualTo(
                        new QuicSettings(
                                new QuicSettings.Retry(
                                        When.ALWAYS,
                                        Duration.ofSeconds(5),
                                        Duration.ofMinutes(2),
                                        Optional.of(new RetrySecret(secret))),
                                12,
                                true,
                                Optional.of(new ResetKey(key)),
                                5));
        assertThat(Bound.to(QuicProperties.class, set).toString())
                .doesNotContain(set.get("retry-secret"))
                .doesNotContain(set.get("stateless-reset-key"));
    }

    @Test
    void takesConnectionIdsOfEightToTwentyBytesWhereThereIsRoom() {
        for (int length : new int[] {8, 14}) {
            assertThat(settings(1, length(length)).connectionIdLength()).isEqualTo(length);
        }
        var longest = Map.of("connection-id-length", "20", "stateless-reset", "false");
        assertThat(settings(4, longest).connectionIdLength()).isEqualTo(20);
        assertThat(settings(4, Map.of("connection-id-length", "20", "retry", "never"))).isNotNull();
    }

    private static Map<String, String> length(int bytes) {
        return Map.of("connection-id-length", Integer.toString(bytes));
    }

    @Test
    void saysWhichConnectionIdsAreTooShortOrTooLong() {
        assertThatThrownBy(() -> settings(1, length(7)))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.quic.connection-id-length is 7");
        assertThatThrownBy(() -> settings(1, length(21)))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.quic.connection-id-length is 21");
        assertThatThrownBy(() -> settings(2, length(9)))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("with several event loops two bytes are taken");
        assertThatThrownBy(() -> settings(2, length(15)))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("has room for 14");
    }

    @Test
    void refusesSecretsThatChangeBeforeTheirTokensAreOver() {
        assertThatThrownBy(() -> settings(1, Map.of("retry-secret-rotation", "9s")))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("relay.quic.retry-secret-rotation");
    }

    @Test
    void refusesASecretOfAnotherLength() {
        assertThatThrownBy(() -> settings(1, Map.of("retry-secret", "AAAA")))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.quic.retry-secret has 3 bytes");
    }
}
