package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.TlsMaterial;

/// What a front takes of one client, and of whom.
@Timeout(60)
final class H3LimitsTest {
    private static final int H3_NO_ERROR = 0x100;
    private static final int H3_EXCESSIVE_LOAD = 0x107;
    private static final int H3_SETTINGS_ERROR = 0x109;

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static void assertServes(RawH3Client client) throws Exception {
        var stream = client.request(Heads.tcp());
        assertThat(stream.status()).isEqualTo(200);
        stream.data("hello");
        assertThat(stream.text(5)).isEqualTo("hello");
        stream.fin();
        assertThat(stream.rest()).isEmpty();
    }

    @Test
    void closesAConnectionThatOnlyGarblesRequests() throws Exception {
        try (var front = TestFront.open(Limits.ofTunnels(2), Answer.AT_ONCE);
                var client = front.connect();
                var other = front.connect()) {
            for (int i = 0; i < 1000; i++) {
                client.request(":status", "200").resetCode();
            }
            assertServes(client);
            client.request(":status", "200");
            assertThat(client.closeCode()).isEqualTo(H3_EXCESSIVE_LOAD);
            assertServes(other);
        }
    }

    @Test
    void refusesTunnelsBeyondTheLimitUntilOneEnds() throws Exception {
        try (var front = TestFront.open(Limits.ofTunnels(2), Answer.AT_ONCE);
                var client = front.connect();
                var other = front.connect()) {
            var first = client.request(Heads.tcp());
            var second = client.request(Heads.udp());
            assertThat(first.status()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(200);

            var third = client.request(Heads.tcp());
            var answer = third.head();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.fields().first("proxy-status").orElseThrow())
                    .contains("error=connection_limit_reached");
            assertServes(other);
            front.service().nextEnd();

            first.fin();
            first.rest();
            front.service().nextEnd();
            assertServes(client);
            front.service().nextEnd();
            second.reset(0x10c);
            front.service().nextEnd();
            assertServes(client);
        }
    }

    @Test
    void closesAConnectionThatHasCarriedNoRequestForTooLong() throws Exception {
        var limits = FrontLimits.STANDARD.withQuicIdleTimeout(Duration.ofSeconds(1));
        try (var front = AbuseFront.open(limits);
                var silent = front.connectH3();
                var busy = front.connectH3()) {
            var tunnel = busy.request(Heads.tcp());
            assertThat(tunnel.status()).isEqualTo(200);

            assertThat(silent.closeCode()).isEqualTo(H3_NO_ERROR);

            assertThat(busy.isOpen()).as("with a tunnel").isTrue();
            tunnel.fin();
            tunnel.rest();
            assertThat(busy.closeCode()).isEqualTo(H3_NO_ERROR);
        }
    }

    @Test
    void takesNoMoreConnectionsThanTheLimit() throws Exception {
        try (var front = TestFront.open(Limits.ofConnections(1), Answer.AT_ONCE)) {
            try (var first = front.connect()) {
                assertServes(first);
                assertNoTunnel(front, TestFront.clientTls());
                assertServes(first);
            }
            Await.until("room", () -> front.listener().openConnections() == 0);
            try (var next = front.connect()) {
                assertServes(next);
            }
        }
    }

    /// A connection that does not come up, or ends before any request reaches the service.
    private static void assertNoTunnel(TestFront front, TlsMaterial tls) throws Exception {
        front.service().forgetRequests();
        var impatient = ConnectionSettings.STANDARD.withIdleTimeout(Duration.ofSeconds(1));
        try (var client =
                RawH3Client.connect(
                        front.address(), tls, impatient, RawH3Client.datagramSettings())) {
            try {
                client.request(Heads.tcp());
            } catch (IOException _) {
                // Closed already.
            }
            client.closeCode();
        } catch (IOException _) {
            // Never came up.
        }
        assertThat(front.service().wasAsked()).isFalse();
    }

    @Test
    void opensTunnelsOnlyForTrustedCertificates(@TempDir Path directory) throws Exception {
        var limits = Limits.ofCertificates(ClientCertificates.REQUIRED);
        var anchors = TestFront.clientTls().anchors();
        var stranger = TestFront.newPki(directory).ingressUpstream();
        try (var front = TestFront.open(limits, Answer.AT_ONCE)) {
            assertNoTunnel(front, TlsMaterial.trusting(anchors));
            assertNoTunnel(front, new TlsMaterial(stranger.key(), stranger.chain(), anchors));
            try (var client = front.connect()) {
                assertServes(client);
                assertThat(front.service().next().request().peer().certificates()).isNotEmpty();
            }
        }
    }

    @Test
    void isNotTrustedByAClientOfAnotherAuthority(@TempDir Path directory) throws Exception {
        var other = TlsMaterial.trusting(TestFront.newPki(directory).ingressUpstream().anchors());
        try (var front = TestFront.echoing()) {
            assertThatThrownBy(() -> RawH3Client.connect(front.address(), other))
                    .isInstanceOf(IOException.class);
        }
    }

    // RFC 9297, section 2.1.1: SETTINGS_H3_DATAGRAM is 0 or 1.
    @ParameterizedTest(name = "R1 2.1.1, R4 9220 3: H3_SETTINGS_ERROR on SETTINGS_H3_DATAGRAM: {0}")
    @ValueSource(longs = {2, 3, 1L << 40})
    void closesTheConnectionOnAWrongSetting(long value) throws Exception {
        try (var front = TestFront.echoing();
                var client = RawH3Client.connectMute(front.address(), TestFront.clientTls())) {
            client.unidirectional(H3Bytes.controlStream(0x33, value));
            assertThat(client.closeCode()).isEqualTo(H3_SETTINGS_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0x02, 0x03, 0x04, 0x05})
    void closesTheConnectionOnSettingsOfHttp2(long setting) throws Exception {
        try (var front = TestFront.echoing();
                var client = RawH3Client.connectMute(front.address(), TestFront.clientTls())) {
            client.unidirectional(H3Bytes.controlStream(setting, 1));
            assertThat(client.closeCode()).isEqualTo(H3_SETTINGS_ERROR);
        }
    }

    @Test
    void takesSettingsItDoesNotKnow() throws Exception {
        try (var front = TestFront.echoing();
                var client = RawH3Client.connectMute(front.address(), TestFront.clientTls())) {
            client.unidirectional(H3Bytes.controlStream(0x1f * 3 + 0x21, 7, 0x33, 1, 0x4242, 9));
            Await.until("a connection", () -> front.listener().openConnections() == 1);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void closesOnlyTheConnectionWithAHeaderBlockOfAMegabyte() throws Exception {
        var block = "x".repeat(1 << 20);
        try (var front = TestFront.echoing();
                var bystander = front.connect()) {
            assertServes(bystander);
            for (int i = 0; i < 5; i++) {
                try (var client = front.connect()) {
                    client.request(Heads.tcp("x", block));
                    assertThat(client.closeCode()).isEqualTo(H3_EXCESSIVE_LOAD);
                }
            }
            assertServes(bystander);
        }
    }

    @Test
    void takesAHeaderBlockOfATokenAndMore() throws Exception {
        try (var front = TestFront.echoing();
                var client = front.connect()) {
            var stream = client.request(Heads.tcp("authorization", "x".repeat(16 << 10)));
            assertThat(stream.status()).isEqualTo(200);
        }
    }
}
