package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.util.ArrayDeque;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Stream;
import org.masquerelay.testkit.TlsEnd;
import org.masquerelay.tunnel.StreamEnd;

/// Connections whose clients are asked to go away.
@Timeout(60)
final class GoAwayTest {
    private static final int REFUSED_STREAM = 0x7;
    private static final int CANCEL = 0x8;
    private static final int H3_REQUEST_REJECTED = 0x10b;

    private static final String[] HEALTH = {
        ":method", "GET", ":scheme", "https", ":authority", "localhost", ":path", "/health"
    };

    private TestFront front;

    @BeforeEach
    void open() throws Exception {
        front = TestFront.echoing();
    }

    @AfterEach
    void close() {
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @DisplayName("case 44, R4 9114 5.2: GOAWAY; later requests are H3_REQUEST_REJECTED, others run")
    @Test
    void goesAwayOverH3() throws Exception {
        try (var client = front.connect()) {
            var running = client.request(Heads.tcp());
            assertThat(running.status()).isEqualTo(200);
            front.service().forgetRequests();
            front.goAway();
            long first = client.goAway();
            assertThat(first).isGreaterThan(running.id());
            // What may still be on its way is served; what is opened against the word is not.
            var late = client.request(Heads.tcp());
            while (late.id() < first) {
                assertThat(late.status()).isEqualTo(200);
                front.service().forgetRequests();
                late = client.request(Heads.tcp());
            }
            assertThat(late.resetCode()).isEqualTo(H3_REQUEST_REJECTED);
            assertThat(front.service().wasAsked()).isFalse();
            running.data("hello");
            assertThat(running.text(5)).isEqualTo("hello");
            running.fin();
            assertThat(running.rest()).isEmpty();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R4 9114 5.2: after 10 000 requests an HTTP/3 client is asked to go elsewhere")
    @Test
    void goesAwayAfterManyRequests() throws Exception {
        try (var client = front.connect()) {
            var running = client.request(Heads.tcp());
            assertThat(running.status()).isEqualTo(200);
            var asked = new ArrayDeque<RawH3Stream>();
            for (int i = 1; i < 10_000; i++) {
                var health = client.request(HEALTH);
                health.fin();
                asked.add(health);
                if (asked.size() == 100) {
                    assertThat(asked.remove().status()).isEqualTo(200);
                }
            }
            while (!asked.isEmpty()) {
                assertThat(asked.remove().status()).isEqualTo(200);
            }
            assertThat(client.goAway()).isGreaterThan(running.id());
            running.data("hello");
            assertThat(running.text(5)).isEqualTo("hello");
        }
    }

    @DisplayName("case 44, R4 9113 6.8: GOAWAY; later requests are REFUSED_STREAM, others run")
    @Test
    void goesAwayOverH2() throws Exception {
        try (var client = RawH2Client.connect(front.address(), TestFront.clientTls())) {
            var running = client.request(Heads.tcp());
            assertThat(running.awaitStatus()).isEqualTo(200);
            front.service().forgetRequests();
            front.goAway();
            var goAway = client.awaitGoAway();
            assertThat(goAway.code()).isZero();
            assertThat(goAway.lastStreamId()).isEqualTo(Integer.MAX_VALUE);
            // What crossed it is given up by its client, which may not know yet what becomes of it.
            var crossing = client.request(Heads.tcp());
            crossing.reset(CANCEL);
            assertThat(client.request(Heads.tcp()).awaitReset()).isEqualTo(REFUSED_STREAM);
            assertThat(front.service().wasAsked()).isFalse();
            running.data("hello");
            assertThat(running.awaitText(5)).isEqualTo("hello");
            running.finish();
            assertThat(running.awaitEnd()).isEmpty();
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
        }
    }

    @DisplayName("case 44: an idle connection of HTTP/1.1 closes")
    @Test
    void goesAwayOverH1() throws Exception {
        try (var client = RawH1Client.connect(front.address(), TestFront.clientTls())) {
            client.request("GET /health HTTP/1.1", "Host: a");
            assertThat(client.awaitHead().fields().contains("connection")).isFalse();
            front.goAway();
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
        }
    }

    @DisplayName("case 44: a tunnel of HTTP/1.1 runs on")
    @Test
    void keepsATunnelOverH1() throws Exception {
        try (var client = RawH1Client.connect(front.address(), TestFront.clientTls())) {
            client.request("CONNECT target.test:7 HTTP/1.1", "Host: a");
            assertThat(client.awaitStatus()).isEqualTo(200);
            front.goAway();
            client.send("hello");
            assertThat(client.awaitText(5)).isEqualTo("hello");
        }
    }
}
