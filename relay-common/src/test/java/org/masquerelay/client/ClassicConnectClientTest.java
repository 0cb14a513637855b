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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// RFC 9110, section 9.3.6, and RFC 8441 on the client: TCP tunnels by CONNECT, which it asks for
/// over HTTP/2 and HTTP/3.
@Timeout(60)
final class ClassicConnectClientTest {
    private static final HostPort TARGET = new HostPort("target.test", 7);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static DevelopmentPki pki;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        threads.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private Future<RelayClient> connecting(ScriptedRelay relay, HttpVersion version) {
        return threads.submit(() ->
                RelayClient.connect(
                        new RelayClient.Settings(
                                new HostPort("127.0.0.1", relay.address().getPort()),
                                "localhost",
                                pki.client(),
                                UriTemplate.UDP,
                                PATIENCE,
                                Transports.only(version))));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    @DisplayName("R4 9113 8.5, 9114 4.4: CONNECT has :authority alone, and a 2xx opens it")
    @ParameterizedTest(name = "{displayName} over {0}")
    @EnumSource(names = {"H2", "H3"})
    void asksWithTheAuthorityAlone(HttpVersion version) throws Exception {
        try (var relay = ScriptedRelay.start(version, pki.ingressServer())) {
            var connecting = connecting(relay, version);
            var opening = threads.submit(() -> get(connecting).openTcp(TARGET, HeaderFields.NONE));
            var asked = relay.next();
            assertThat(asked.fields().first(":method")).contains("CONNECT");
            assertThat(asked.fields().first(":authority")).contains("target.test:7");
            assertThat(asked.fields().contains(":protocol")).isFalse();
            assertThat(asked.fields().contains(":scheme")).isFalse();
            assertThat(asked.fields().contains(":path")).isFalse();
            asked.answer(200);
            try (var client = get(connecting);
                    var tunnel = get(opening)) {
                assertThat(client.version()).contains(version);
                asked.send("hello world".getBytes(UTF_8));
                assertThat(tunnel.input().readNBytes(11)).asString(UTF_8).isEqualTo("hello world");
                tunnel.output().write("up".getBytes(UTF_8));
                assertThat(asked.bytes(2)).asString(UTF_8).isEqualTo("up");
            }
        }
    }

    @Test
    @DisplayName("R4 8441 3: no request goes to a server that does not allow extended CONNECT")
    void asksNoServerWithoutExtendedConnect() throws Exception {
        try (var relay = ScriptedRelay.startH2(pki.ingressServer())) {
            var connecting = connecting(relay, HttpVersion.H2);
            // The connection ends without a request.
            assertThatThrownBy(relay::next).isInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> get(connecting)).hasCauseInstanceOf(IOException.class);
        }
    }
}
