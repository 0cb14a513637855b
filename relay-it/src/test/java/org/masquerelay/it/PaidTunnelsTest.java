package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// Tokens, over every HTTP version.
@Timeout(90)
final class PaidTunnelsTest {
    @TempDir Path directory;

    @DisplayName(
            "case 52, R9: 401 or 407 with a challenge, then 2xx with a token, over h1, h2 and h3")
    @Test
    void asksForATokenAndTakesIt() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of("--relay.egress.allow-private=true"),
                                List.of())) {
            for (var version : HttpVersion.values()) {
                try (var relay = hops.connect(version)) {
                    for (boolean tcp : new boolean[] {true, false}) {
                        var refused =
                                catchThrowableOfType(
                                        TunnelRefusedException.class,
                                        () -> {
                                            if (tcp) {
                                                relay.openTcp(targets.tcp(), HeaderFields.NONE);
                                            } else {
                                                relay.openUdp(targets.udp(), HeaderFields.NONE);
                                            }
                                        });
                        // Over HTTP/1.1 it is asked for with connect-tcp, which is no CONNECT.
                        boolean asProxy = tcp && version != HttpVersion.H1;
                        assertThat(refused.status()).isEqualTo(asProxy ? 407 : 401);
                        String field = asProxy ? "proxy-authenticate" : "www-authenticate";
                        assertThat(refused.fields().first(field).orElseThrow())
                                .startsWith("PrivateToken challenge=");
                        assertThat(refused.fields().first("proxy-status").orElseThrow())
                                .contains("error=http_request_error");
                    }
                    try (var tunnel = hops.paying(relay).openTcp(targets.tcp())) {
                        tunnel.output().write("hello".getBytes(UTF_8));
                        assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
                    }
                }
            }
        }
    }
}
