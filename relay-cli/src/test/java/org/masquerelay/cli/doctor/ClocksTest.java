package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.Finding.Mark;

final class ClocksTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir private Path root = Path.of("");

    @Test
    void judgesTheDifference() {
        assertThat(judged(0)).isEqualTo(Mark.OK);
        assertThat(judged(3)).isEqualTo(Mark.OK);
        assertThat(judged(-3)).isEqualTo(Mark.OK);
        assertThat(judged(4)).isEqualTo(Mark.WARN);
        assertThat(judged(15)).isEqualTo(Mark.WARN);
        assertThat(judged(-16)).isEqualTo(Mark.FAIL);
        assertThat(Clocks.compared("x", NOW, NOW.minusSeconds(16)).found())
                .isEqualTo("16 s behind that of x");
    }

    @Test
    void comparesWithTheDateOfAWebServer() throws Exception {
        var server = HttpServer.create(new InetSocketAddress(loopback(), 0), 4);
        server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
        server.start();
        try {
            var uri = URI.create("http://localhost:%d/".formatted(server.getAddress().getPort()));

            assertThat(clocks(uri, InstantSource.system()).finding().found())
                    .isEqualTo("as that of localhost");
            InstantSource wrong = () -> Instant.now().minus(Duration.ofMinutes(5));
            assertThat(clocks(uri, wrong).finding().mark()).isEqualTo(Mark.FAIL);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void looksWhetherTheHostFollowsATimeServer() throws Exception {
        assertThat(clocks(null, InstantSource.system()).finding().mark()).isEqualTo(Mark.WARN);

        new HostTree(root).write("run/systemd/timesync/synchronized", "");
        assertThat(clocks(null, InstantSource.system()).finding().mark()).isEqualTo(Mark.OK);
    }

    private static Mark judged(int secondsAhead) {
        return Clocks.compared("x", NOW, NOW.plusSeconds(secondsAhead)).mark();
    }

    private Clocks clocks(@org.jspecify.annotations.Nullable URI uri, InstantSource clock) {
        return new Clocks(
                Optional.ofNullable(uri), new HostFiles(root), Duration.ofSeconds(20), clock);
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }
}
