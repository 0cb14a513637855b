package org.masquerelay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// RFC 9298, section 3.3, and RFC 9931 on the client: the upgrade of HTTP/1.1.
@Timeout(60)
final class H1ClientConformanceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static DevelopmentPki pki;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ScriptedRelay relay;

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @BeforeEach
    void start() throws Exception {
        relay = ScriptedRelay.start(HttpVersion.H1, pki.ingressServer());
    }

    @AfterEach
    void stop() {
        relay.close();
        threads.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// Opens a tunnel, sends `first` through it and reads what comes back.
    private Future<byte[]> exchanging(String first) {
        return threads.submit(() -> {
            try (var client =
                            RelayClient.connect(
                                    new RelayClient.Settings(
                                            new HostPort("127.0.0.1", relay.address().getPort()),
                                            "localhost",
                                            pki.client(),
                                            UriTemplate.UDP,
                                            PATIENCE,
                                            Transports.only(HttpVersion.H1)));
                    var tunnel =
                            client.openUdp(new HostPort("target.test", 7), HeaderFields.NONE)) {
                tunnel.send(first.getBytes(UTF_8));
                return tunnel.receive(PATIENCE).orElseThrow();
            }
        });
    }

    @Test
    @DisplayName("RFC 9931 6.3: nothing is sent before 101")
    void isNotOptimistic() throws Exception {
        var exchanging = exchanging("payload");
        var asked = relay.next();
        asked.answer(103, "x", "interim");
        asked.answer(200, "capsule-protocol", "?1");
        // What was sent early would stand before the first capsule.
        var capsule = CapsuleBytes.udp("payload".getBytes(UTF_8));
        assertThat(asked.bytes(capsule.length)).isEqualTo(capsule);
        asked.send(capsule);
        assertThat(exchanging.get(10, TimeUnit.SECONDS)).asString(UTF_8).isEqualTo("payload");
    }

    @Test
    @DisplayName("R2 3.3: capsules in one write with the 101 are read")
    void readsWhatComesWithTheAnswer() throws Exception {
        var exchanging = exchanging("payload");
        var asked = relay.next();
        asked.send(
                ("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\n\r\n"
                                + "\0\6\0hello")
                        .getBytes(UTF_8));
        assertThat(exchanging.get(10, TimeUnit.SECONDS)).asString(UTF_8).isEqualTo("hello");
    }

    @ParameterizedTest(name = "R2 3.3: [{0}] is no upgrade to connect-udp")
    @ValueSource(
            strings = {
                "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket",
                "HTTP/1.1 101 X\r\nConnection: Upgrade",
                "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\nUpgrade: connect-udp",
                "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: connect-udp, websocket",
                "HTTP/1.1 101 X\r\nUpgrade: connect-udp",
                "HTTP/1.1 200 OK\r\nContent-Length: 0",
                "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: connect-udp"
            })
    void refusesOtherAnswers(String head) throws Exception {
        var exchanging = exchanging("payload");
        var asked = relay.next();
        asked.send((head + "\r\n\r\n").getBytes(UTF_8));
        // It does not ask again on another connection, which nobody would answer here.
        assertThatThrownBy(() -> exchanging.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("the relay does not speak this HTTP version with extended CONNECT");
    }
}
