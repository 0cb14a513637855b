package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.testkit.WireRequest.udp;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H2Frame;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.Wire;
import org.masquerelay.testkit.WireExchange.Answer;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.ResetCause;

/// RFC 9298, section 3.4, on a listener: extended CONNECT over HTTP/2 and HTTP/3, and what comes
/// before it is answered.
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"H2", "H3"})
final class ExtendedConnectConformanceTest {
    private static TestFront front;

    private final Wire wire;

    ExtendedConnectConformanceTest(HttpVersion version) {
        wire = front.wire(version);
        front.service().forgetRequests();
    }

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.open(TestFront.Limits.WIDE, ScriptedService.Answer.LATER);
    }

    @AfterEach
    void disconnect() {
        wire.close();
    }

    @AfterAll
    static void close() {
        front.close();
        LeakPresenceDetector.check();
    }

    private void assertMalformed(WireRequest request) throws Exception {
        switch (wire.ask(request).answer()) {
            case Answer.Head(int status, _) -> assertThat(status).isEqualTo(400);
            case Answer.Reset(long code) ->
                    assertThat(code).isEqualTo(wire.code(ResetCause.MESSAGE_ERROR));
        }
        assertThat(front.service().wasAsked()).isFalse();
        var next = wire.ask(udp("target.test", 7));
        front.service().acceptLater(front.service().next());
        assertThat(next.status()).as("the connection lives on").isEqualTo(200);
    }

    private static WireRequest without(String field) {
        var request = udp("target.test", 7);
        return switch (field) {
            case ":scheme" -> request.withScheme(null);
            case ":authority" -> request.withAuthority(null);
            case ":path" -> request.withPath(null);
            default -> throw new IllegalArgumentException(field);
        };
    }

    @ParameterizedTest(name = "{0}: no {1} is 400 or malformed")
    @CsvSource({
        "R2 3.4, :scheme",
        "R2 3.4, :authority",
        "R2 3.4, :path",
        "case 99, :authority",
        "case 99, :path"
    })
    void refusesWhatLacks(String line, String field) throws Exception {
        assertThat(line).isNotEmpty();
        assertMalformed(without(field));
    }

    @ParameterizedTest(name = "case 42: Host instead of {0} is 400 or malformed")
    @CsvSource({":scheme", ":authority"})
    void refusesHostInstead(String field) throws Exception {
        assertMalformed(without(field).with("host", "localhost"));
    }

    @ParameterizedTest(name = "R2 3.4: an empty {0} is 400 or malformed")
    @CsvSource({":scheme", ":authority", ":path"})
    void refusesEmptyFields(String field) throws Exception {
        var request = udp("target.test", 7);
        assertMalformed(
                switch (field) {
                    case ":scheme" -> request.withScheme("");
                    case ":authority" -> request.withAuthority("");
                    default -> request.withPath("");
                });
    }

    @ParameterizedTest(name = "case 99: the scheme {0} is 400")
    @CsvSource({"http", "connect-udp", "HTTPS://"})
    void refusesOtherSchemes(String scheme) throws Exception {
        assertMalformed(udp("target.test", 7).withScheme(scheme));
    }

    @ParameterizedTest(name = "{0}: the protocol {1} is 501")
    @CsvSource({
        "case 6, not-connect-udp",
        "case 25, websocket",
        "case 90, websocket",
        "R12, connect-ethernet"
    })
    void doesNotImplement(String line, String protocol) throws Exception {
        assertThat(line).isNotEmpty();
        var head = wire.ask(udp("target.test", 7).withProtocol(protocol)).head();
        assertThat(head.status()).isEqualTo(501);
        assertThat(head.fields().contains("capsule-protocol")).isFalse();
        assertThat(front.service().wasAsked()).isFalse();
    }

    @Test
    @DisplayName("R2 3.4: :protocol with GET is 400")
    void refusesAProtocolWithoutConnect() throws Exception {
        var udp = udp("target.test", 7);
        assertMalformed(
                new WireRequest(
                        "GET",
                        udp.protocol(),
                        udp.scheme(),
                        udp.authority(),
                        udp.path(),
                        udp.fields()));
    }

    @Test
    @DisplayName(
            "case 94: a CONNECT that ends with its head is 400, or over HTTP/3 a tunnel that ends")
    void endsWithItsHead() throws Exception {
        if (wire.version() == HttpVersion.H2) {
            try (var client = RawH2Client.connect(front.address(), TestFront.clientTls())) {
                var stream = client.open();
                stream.headers(
                        H2Frame.END_HEADERS | H2Frame.END_STREAM, H2Bytes.block(Heads.udp()));
                assertThat(stream.awaitStatus()).isEqualTo(400);
                assertThat(front.service().wasAsked()).isFalse();
            }
        } else {
            var tunnel = wire.ask(udp("target.test", 7));
            tunnel.finish();
            front.service().acceptLater(front.service().next());
            assertThat(tunnel.status()).isEqualTo(200);
            assertThat(tunnel.rest()).isEmpty();
        }
    }

    @Test
    @DisplayName("R2 5, case 87: datagrams sent before the answer are delivered after it, in order")
    void deliversWhatCameEarly() throws Exception {
        var tunnel = wire.ask(udp("target.test", 7));
        var exchange = front.service().next();
        for (int i = 0; i < 10; i++) {
            tunnel.send(CapsuleBytes.udp(new byte[] {(byte) i}));
        }
        front.service().acceptLater(exchange);
        assertThat(tunnel.status()).isEqualTo(200);
        for (int i = 0; i < 10; i++) {
            assertThat(tunnel.capsule().datagram().payload()).containsExactly(i);
        }
    }

    @Test
    @DisplayName("R2 5: more than the cap waits in the peer's flow control and is not lost")
    void holdsBackWhatIsMore() throws Exception {
        var tunnel = wire.ask(udp("target.test", 7));
        var exchange = front.service().next();
        for (int i = 0; i < 60; i++) {
            tunnel.send(CapsuleBytes.udp(new byte[1000]));
        }
        front.service().acceptLater(exchange);
        assertThat(tunnel.status()).isEqualTo(200);
        for (int i = 0; i < 60; i++) {
            assertThat(tunnel.capsule().datagram().payload()).hasSize(1000);
        }
    }

    @Test
    @DisplayName("case 87: what came early is let go with a refusal")
    void letsGoOfWhatCameEarly() throws Exception {
        var tunnel = wire.ask(udp("target.test", 7));
        tunnel.send(CapsuleBytes.udp("early".getBytes(UTF_8)));
        var exchange = front.service().next();
        exchange.eventLoop().execute(() -> exchange.refuse(RefusalReason.DNS_TIMEOUT.because("")));
        assertThat(tunnel.status()).isEqualTo(504);
        assertThat(tunnel.rest()).isEmpty();
    }
}
