package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TunnelRefusedException;

/// What clients and the ingress make of an egress that goes away.
@Timeout(90)
final class EgressLossTest {
    private static final List<String> PRIVATE = List.of("--relay.egress.allow-private=true");

    @TempDir Path directory;

    @Test
    @DisplayName("case 39: without its egress the ingress answers 502, and recovers")
    void endsTunnelsAnswers502AndRecoversByItself() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, List.of());
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var udp = paying.openUdp(targets.udp());
            var tcp = paying.openTcp(targets.tcp());
            tcp.output().write("before".getBytes(UTF_8));
            assertThat(tcp.input().readNBytes(6)).asString(UTF_8).isEqualTo("before");

            int port = hops.stopEgress();

            assertThatThrownBy(() -> tcp.input().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> udp.receive(Duration.ofSeconds(10)))
                    .isInstanceOf(IOException.class);
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class, () -> paying.openUdp(targets.udp()));
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.fields().first("proxy-status").orElseThrow())
                    .contains("ingress")
                    .contains("error=connection_refused");

            hops.restartEgress(port);
            try (var again = paying.openUdp(targets.udp())) {
                again.send("after".getBytes(UTF_8));
                assertThat(again.receive(Duration.ofSeconds(5))).isPresent();
            }
        }
    }

    @Test
    @DisplayName("case 39: a silent egress is 502 within the connect timeout")
    void answers502WithinTheConnectTimeoutWhenTheEgressIsSilent() throws Exception {
        try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                PRIVATE,
                                List.of("--relay.upstream.connect-timeout=1s"),
                                silent.getLocalPort());
                var relay = hops.connect()) {
            var payment = hops.payment(relay); // The time to get it does not count.
            long start = System.nanoTime();
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class,
                            () -> relay.openTcp(targets.tcp(), payment));
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.fields().first("proxy-status").orElseThrow())
                    .contains("error=connection_timeout");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void givesTheTokenBackWhenTheEgressDidNothing() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, List.of());
                var relay = hops.connect()) {
            var payment = hops.payment(relay);
            int port = hops.stopEgress();
            assertThat(
                            catchThrowableOfType(
                                            TunnelRefusedException.class,
                                            () -> relay.openUdp(targets.udp(), payment))
                                    .status())
                    .isEqualTo(502);
            hops.restartEgress(port);
            relay.openUdp(targets.udp(), payment).close();
            assertThat(
                            catchThrowableOfType(
                                            TunnelRefusedException.class,
                                            () -> relay.openUdp(targets.udp(), payment))
                                    .status())
                    .as("spent by now")
                    .isEqualTo(401);
        }
    }
}
