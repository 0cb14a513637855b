package org.masquerelay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// RFC 9297 and RFC 9298 on the client: what it asks, and what it makes of good and bad answers,
/// over every HTTP version.
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(HttpVersion.class)
final class ClientConformanceTest {
    private static final HostPort TARGET = new HostPort("target.test", 7);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// What the client says of an answer that is none.
    private static final String NOT_SPOKEN =
            "the relay does not speak this HTTP version with extended CONNECT";

    private static DevelopmentPki pki;

    private final HttpVersion version;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ScriptedRelay relay;
    private volatile @Nullable RelayClient client;

    ClientConformanceTest(HttpVersion version) {
        this.version = version;
    }

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @BeforeEach
    void start() throws Exception {
        relay = ScriptedRelay.start(version, pki.ingressServer());
    }

    @AfterEach
    void stop() {
        relay.close();
        var connected = client;
        if (connected != null) {
            connected.close();
        }
        threads.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private Future<UdpTunnel> opening(HostPort target, HeaderFields fields) {
        return threads.submit(() -> {
            var connected =
                    RelayClient.connect(
                            new RelayClient.Settings(
                                    new HostPort("127.0.0.1", relay.address().getPort()),
                                    "localhost",
                                    pki.client(),
                                    UriTemplate.UDP,
                                    PATIENCE,
                                    Transports.only(version)));
            client = connected;
            return connected.openUdp(target, fields);
        });
    }

    private Future<UdpTunnel> opening() {
        return opening(TARGET, HeaderFields.NONE);
    }

    private static UdpTunnel get(Future<UdpTunnel> opening) throws Exception {
        return opening.get(10, TimeUnit.SECONDS);
    }

    private static Throwable failure(Future<UdpTunnel> opening) {
        try {
            throw new AssertionError("opened: " + get(opening));
        } catch (ExecutionException failed) {
            return Objects.requireNonNull(failed.getCause());
        } catch (Exception other) {
            throw new AssertionError(other);
        }
    }

    private long code(ResetCause cause) {
        return switch (version) {
            case H1 -> -1;
            case H2 -> cause.h2Code();
            case H3 -> cause.h3Code();
        };
    }

    private void assertMalformed(int status, String... fields) throws Exception {
        var opening = opening();
        var asked = relay.next();
        asked.answer(status, fields);
        // The first answer is the last: nothing is asked again after a malformed one.
        assertThat(failure(opening)).isInstanceOf(IOException.class).hasMessage(NOT_SPOKEN);
        assertThat(asked.awaitReset()).isEqualTo(code(ResetCause.MESSAGE_ERROR));
    }

    @ParameterizedTest(name = "R1 3.2: a 2xx with {0} is malformed")
    @CsvSource({"content-length, 5", "content-length, 0", "content-type, text/plain"})
    void refusesContentFields(String name, String value) throws Exception {
        assertMalformed(200, "capsule-protocol", "?1", name, value);
    }

    @Test
    @DisplayName("R1 3.2: a 2xx with Transfer-Encoding is malformed")
    void refusesTransferEncoding() throws Exception {
        assumeTrue(version != HttpVersion.H1, "the codec takes it off a 101, which has no content");
        var opening = opening();
        var asked = relay.next();
        asked.answer(200, "capsule-protocol", "?1", "transfer-encoding", "chunked");
        assertThat(failure(opening))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(TunnelRefusedException.class);
        // HTTP/2's codec refuses it before we do, and then the request is cancelled.
        assertThat(asked.awaitReset())
                .isIn(code(ResetCause.MESSAGE_ERROR), code(ResetCause.CANCELLED));
    }

    @ParameterizedTest(name = "R1 3.2: {0} is malformed")
    @ValueSource(ints = {204, 205, 206})
    void refusesSuccessWithoutContent(int status) throws Exception {
        assertMalformed(status, "capsule-protocol", "?1");
    }

    @ParameterizedTest(name = "R1 3.4: a 2xx with Capsule-Protocol of [{0}] opens the tunnel")
    @ValueSource(strings = {"?1", "?1;foo=bar", "1", "garbage!"})
    void opensWhateverCapsuleProtocolSays(String value) throws Exception {
        var opening = opening();
        relay.next().answer(200, "capsule-protocol", value);
        get(opening).close();
    }

    @Test
    @DisplayName("R1 3.4: the request carries Capsule-Protocol: ?1 and no content fields")
    void sendsCapsuleProtocol() throws Exception {
        var opening = opening();
        var asked = relay.next();
        assertThat(asked.fields().all("capsule-protocol")).containsExactly("?1");
        assertThat(asked.fields().contains("content-length")).isFalse();
        assertThat(asked.fields().contains("content-type")).isFalse();
        assertThat(asked.fields().contains("transfer-encoding")).isFalse();
        asked.answer(200);
        get(opening).close();
    }

    @Test
    @DisplayName("R2 2: the default template is expanded for the target")
    void asksByTheDefaultTemplate() throws Exception {
        var opening = opening();
        var asked = relay.next();
        assertThat(asked.path()).isEqualTo("/.well-known/masque/udp/target.test/7/");
        if (version == HttpVersion.H1) {
            assertThat(asked.fields().all("upgrade")).containsExactly("connect-udp");
            assertThat(asked.fields().all("host")).hasSize(1);
        } else {
            assertThat(asked.fields().first(":method")).contains("CONNECT");
            assertThat(asked.fields().first(":protocol")).contains("connect-udp");
            assertThat(asked.fields().first(":scheme")).contains("https");
            assertThat(asked.fields().first(":authority"))
                    .contains("localhost:" + relay.address().getPort());
        }
        asked.answer(200);
        get(opening).close();
    }

    @ParameterizedTest(name = "R2 3, case 19: the target {0} is asked for as {1}")
    @CsvSource({"::1, %3A%3A1", "2001:db8::42, 2001%3Adb8%3A%3A42", "192.0.2.6, 192.0.2.6"})
    void encodesLiteralsOnce(String host, String encoded) throws Exception {
        var opening = opening(new HostPort(host, 443), HeaderFields.NONE);
        var asked = relay.next();
        assertThat(asked.path()).isEqualTo("/.well-known/masque/udp/" + encoded + "/443/");
        asked.answer(200);
        get(opening).close();
    }

    @ParameterizedTest(name = "R2 3.1: {0} is no tunnel, and the client says so")
    @ValueSource(ints = {418, 302, 401, 500})
    void takesAnythingElseForARefusal(int status) throws Exception {
        var opening = opening();
        relay.next().answer(status, "proxy-status", "relay;error=x", "content-length", "0");
        assertThat(failure(opening))
                .isInstanceOfSatisfying(
                        TunnelRefusedException.class,
                        refused -> {
                            assertThat(refused.status()).isEqualTo(status);
                            assertThat(refused.fields().first("proxy-status"))
                                    .contains("relay;error=x");
                        });
    }

    @Test
    @DisplayName("case 20: the client's failure carries the answer 418")
    void carriesTheAnswer() throws Exception {
        takesAnythingElseForARefusal(418);
    }

    @Test
    @DisplayName("case 22: Authorization of the caller reaches the relay, and 401 the caller")
    void sendsFieldsOfTheCaller() throws Exception {
        var opening = opening(TARGET, HeaderFields.of("authorization", "Bearer token"));
        var asked = relay.next();
        assertThat(asked.fields().all("authorization")).containsExactly("Bearer token");
        asked.answer(401, "www-authenticate", "Bearer", "content-length", "0");
        assertThat(failure(opening))
                .isInstanceOfSatisfying(
                        TunnelRefusedException.class,
                        refused -> {
                            assertThat(refused.status()).isEqualTo(401);
                            assertThat(refused.fields().first("www-authenticate"))
                                    .contains("Bearer");
                        });
    }

    @Test
    @DisplayName("case 18: the capsules 1337 and 42 are skipped, and FIN is the end")
    void skipsUnknownCapsules() throws Exception {
        var opening = opening();
        var asked = relay.next();
        asked.answer(200, "capsule-protocol", "?1");
        var tunnel = get(opening);
        asked.send(CapsuleBytes.capsule(1337, "foo".getBytes(UTF_8)));
        asked.send(CapsuleBytes.capsule(42, "bar".getBytes(UTF_8)));
        asked.send(CapsuleBytes.udp("datagram".getBytes(UTF_8)));
        assertThat(tunnel.receive(PATIENCE).orElseThrow()).asString(UTF_8).isEqualTo("datagram");
        asked.finish();
        assertThatThrownBy(() -> tunnel.receive(PATIENCE)).isInstanceOf(IOException.class);
    }

    @Test
    @DisplayName("R1 3.3: FIN within a capsule is malformed")
    void resetsOnFinWithinACapsule() throws Exception {
        var opening = opening();
        var asked = relay.next();
        asked.answer(200, "capsule-protocol", "?1");
        var tunnel = get(opening);
        asked.send(new byte[] {0, 8, 1});
        asked.finish();
        assertThatThrownBy(() -> tunnel.receive(PATIENCE)).isInstanceOf(IOException.class);
        assertThat(asked.awaitReset()).isEqualTo(code(ResetCause.MESSAGE_ERROR));
    }

    @Test
    @DisplayName("R2 5: a payload of 65528 bytes aborts the stream")
    void abortsOnAPayloadThatUdpCannotCarry() throws Exception {
        var opening = opening();
        var asked = relay.next();
        asked.answer(200, "capsule-protocol", "?1");
        get(opening);
        asked.send(CapsuleBytes.udp(new byte[65528]));
        assertThat(asked.awaitReset()).isEqualTo(code(ResetCause.DATAGRAM_ERROR));
    }

    @ParameterizedTest(name = "case 53: a field with a line break is never sent: {0}")
    @ValueSource(strings = {"CR", "LF", "CR LF"})
    void sendsNoLineBreaks(String kind) throws Exception {
        var value = "a" + kind.replace("CR", "\r").replace(" ", "").replace("LF", "\n") + "b: c";
        var opening = opening(TARGET, HeaderFields.of("x", value));
        if (version != HttpVersion.H3) {
            threads.submit(() -> relay.next()); // Only takes the connection.
        }
        long start = System.nanoTime();
        assertThat(failure(opening))
                .isInstanceOf(Exception.class)
                .isNotInstanceOf(TunnelRefusedException.class);
        // Not for want of an answer.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }
}
