package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.testkit.UdpForwarder;

/// An egress that is gone without a word and back before anybody asked for it.
@Timeout(180)
final class RestartedEgressTest {
    private static final List<String> PRIVATE = List.of("--relay.egress.allow-private=true");

    @TempDir Path directory;

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void isNoticedByTheFirstPacketThatReachesIt() throws Exception {
        try (var targets = new Targets();
                var path = new UdpForwarder(loopback(9));
                var hops =
                        TwoHops.start(
                                directory,
                                PRIVATE,
                                List.of("--relay.upstream.connection.idle-timeout=120s"),
                                path.address().getPort());
                var relay = hops.connect()) {
            path.forwardTo(loopback(hops.egressPort()));
            var paying = hops.paying(relay);
            var tcp = paying.openTcp(targets.tcp());
            tcp.output().write("before".getBytes(UTF_8));
            assertThat(tcp.input().readNBytes(6)).asString(UTF_8).isEqualTo("before");

            path.silence(); // Its last packets are lost, as those of a process that is killed.
            int port = hops.stopEgress();
            hops.restartEgress(port);
            path.forwardTo(loopback(hops.egressPort()));

            long start = System.nanoTime();
            tcp.output().write("into the void".getBytes(UTF_8));
            assertThatThrownBy(() -> tcp.input().read()).isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(30));
            assertThat(resets(hops)).isPositive();
            try (var again = paying.openUdp(targets.udp())) {
                again.send("after".getBytes(UTF_8));
                assertThat(again.receive(Duration.ofSeconds(10))).isPresent();
            }
        }
    }

    private static double resets(TwoHops hops) {
        return hops.egressMeters()
                .get("quic.strays.answered")
                .tag("answer", "stateless_reset")
                .counter()
                .count();
    }
}
