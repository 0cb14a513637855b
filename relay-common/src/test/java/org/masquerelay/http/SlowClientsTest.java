package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Options;
import org.masquerelay.testkit.RawH2Options.Automatic;

/// Clients that take their time, and heads that are too large, beside a tunnel of somebody else.
@Timeout(60)
final class SlowClientsTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final int H3_REQUEST_INCOMPLETE = 0x10d;
    private static final int PROTOCOL_ERROR = 0x1;
    private static final int NO_ERROR = 0;
    private static final String[] POST = {
        ":method", "POST", ":scheme", "https", ":authority", "localhost", ":path", "/"
    };

    private AbuseFront front;
    private HealthyTunnel healthy;

    @BeforeEach
    void open() throws Exception {
        // The healthy tunnel shows that none of these applies to a tunnel.
        front = AbuseFront.open(FrontLimits.STANDARD.withTimeouts(LIMIT, LIMIT, LIMIT));
        healthy = HealthyTunnel.overH2(front);
    }

    @AfterEach
    void close() throws Exception {
        front.awaitTunnels(1);
        healthy.close();
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// Sends one byte after the other until the peer does not want more.
    private static void drip(RawH1Client client, String text) throws Exception {
        try {
            for (int i = 0; i < text.length(); i++) {
                client.send(text.substring(i, i + 1));
                LockSupport.parkNanos(Duration.ofMillis(25).toNanos());
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    @Test
    @DisplayName("HTTP/1.1: a head byte by byte gets 408")
    void headByteByByte() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH1()) {
                var sender =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        drip(client, "GET / HTTP/1.1\r\nHost: " + "x".repeat(100));
                                    } catch (Exception _) {
                                        // Closed.
                                    }
                                });
                assertThat(client.awaitStatus()).isEqualTo(408);
                sender.join();
                client.awaitEnd();
            }
        });
        assertThat(front.service().responded()).isZero();
    }

    @Test
    @DisplayName("HTTP/1.1: content that does not come gets 408")
    void contentThatDoesNotCome() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH1()) {
                client.request("POST / HTTP/1.1", "Host: localhost", "Content-Length: 10");
                assertThat(client.awaitStatus()).isEqualTo(408);
                client.awaitEnd();
            }
        });
    }

    @Test
    @DisplayName("HTTP/1.1: a connection without a request is closed")
    void silentH1() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH1()) {
                assertThat(client.rest()).isEmpty();
            }
        });
    }

    @Test
    @DisplayName("HTTP/2: a connection without a stream is closed")
    void silentH2() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                assertThat(client.awaitGoAway().code()).isEqualTo(NO_ERROR);
                client.awaitEnd();
            }
        });
    }

    @Test
    @DisplayName("HTTP/2: a field section whose end does not come")
    void headersWithoutEnd() throws Exception {
        // Nothing may come in between.
        var options = RawH2Options.STANDARD.without(Automatic.SETTINGS_ACK);
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2(options)) {
                client.send(H2Bytes.headers(1, 0, H2Bytes.block(":method", "CONNECT")));
                assertThat(client.awaitGoAway().code()).isEqualTo(NO_ERROR);
                client.awaitEnd();
            }
        });
    }

    @Test
    @DisplayName("HTTP/2: content that does not come has its stream reset")
    void contentThatDoesNotComeOverH2() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                assertThat(client.request(POST).awaitReset()).isEqualTo(PROTOCOL_ERROR);
                assertThat(client.isOpen()).isTrue();
            }
        });
    }

    @Test
    @DisplayName("HTTP/3: content that does not come has its stream reset")
    void contentThatDoesNotComeOverH3() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                assertThat(client.request(POST).resetCode()).isEqualTo(H3_REQUEST_INCOMPLETE);
                assertThat(client.isOpen()).isTrue();
            }
        });
    }

    @Test
    @DisplayName("HTTP/3: a field section whose end does not come has its stream reset")
    void headThatDoesNotEndOverH3() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                var stream = client.open();
                var head = H3Bytes.headers(Heads.tcp());
                stream.send(head.readRetainedSlice(head.readableBytes() - 1));
                head.release();
                assertThat(stream.resetCode()).isEqualTo(H3_REQUEST_INCOMPLETE);
                assertThat(client.isOpen()).isTrue();
            }
        });
    }

    @Test
    @DisplayName("HTTP/1.1: heads and request lines that are too long, or never end")
    void longHeads() throws Exception {
        var head = "GET / HTTP/1.1\r\nHost: localhost\r\n";
        healthy.keepsItsPaceBeside(() -> {
            isRefused(head + "X: " + "y".repeat(33 << 10) + "\r\n\r\n", 431);
            isRefused(head + "X: y\r\n".repeat(101) + "\r\n", 431);
            isRefused(head + "X: y\r\n".repeat(33 << 10), 431);
            isRefused(head + "x".repeat(4 << 20), 431);
            isRefused("GET /" + "x".repeat(9 << 10) + " HTTP/1.1\r\n\r\n", 414);
            isRefused("x".repeat(4 << 20), 414);
        });
        assertThat(front.service().responded()).isZero();
    }

    /// The answer may be lost where the rest of the request is still on its way.
    private void isRefused(String request, int status) throws Exception {
        try (var client = front.connectH1()) {
            try {
                client.send(request);
            } catch (IOException _) {
                // Closed before all was sent.
            }
            var answer = new String(client.rest(), java.nio.charset.StandardCharsets.ISO_8859_1);
            if (request.length() < 64 << 10) {
                assertThat(answer).startsWith("HTTP/1.1 " + status);
            } else {
                assertThat(answer).matches("(?s)|HTTP/1.1 " + status + ".*");
            }
        }
    }

    @Test
    @DisplayName("HTTP/1.1: content without end")
    void endlessContent() throws Exception {
        var chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH1()) {
                client.request("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked");
                long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                while (System.nanoTime() < end) {
                    client.send(chunk);
                }
                throw new AssertionError("all was taken");
            } catch (IOException _) {
                // Closed.
            }
        });
        Await.until("no request", () -> front.service().responded() == 0);
    }
}
