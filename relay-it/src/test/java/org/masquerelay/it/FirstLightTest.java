package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FirstLightTest {
    @TempDir Path directory;

    @Test
    void carriesDatagramsAndBytesThroughBothHops() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of("--relay.egress.allow-private=true"),
                                List.of());
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            try (var udp = paying.openUdp(targets.udp())) {
                udp.send("ping".getBytes(UTF_8));
                assertThat(udp.receive(Duration.ofSeconds(2))).isPresent();
            }
            try (var tcp = paying.openTcp(targets.tcp())) {
                tcp.output().write("hello".getBytes(UTF_8));
                tcp.output().close();
                assertThat(tcp.input().readAllBytes()).asString(UTF_8).isEqualTo("hello");
            }
        }
    }
}
