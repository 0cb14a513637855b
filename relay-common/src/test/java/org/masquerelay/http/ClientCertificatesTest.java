package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.util.LeakPresenceDetector;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.TlsContexts;
import org.masquerelay.transport.ClientRules;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.transport.TlsProvider;
import org.masquerelay.tunnel.HttpVersion;

/// Whose certificate counts, the same over every HTTP version and with everybody's TLS.
@Timeout(60)
@ParameterizedClass
@CsvSource({"H3, AUTO", "H2, AUTO", "H2, JDK", "H1, AUTO"})
final class ClientCertificatesTest {
    private static final ClientCa CA = ClientCa.root("clients");
    private static final ClientCa BELOW = CA.intermediate("some clients");
    private static final List<X509Certificate> SERVERS = TestFront.PKI.client().anchors();
    private static final TlsMaterial RIGHT = CA.issue(Client.of("right"), SERVERS);
    private static final TlsMaterial INDIRECT = BELOW.issue(Client.of("indirect"), SERVERS);

    /// A client that may not count.
    enum Stranger {
        NONE,
        OF_ANOTHER_AUTHORITY,
        EXPIRED,
        MADE_FOR_SERVERS,
        REVOKED,
        REVOKED_BELOW,
        OF_A_REVOKED_AUTHORITY
    }

    private static final Map<Stranger, TlsMaterial> STRANGERS = strangers();

    private static Map<Stranger, TlsMaterial> strangers() {
        var right = Client.of("right");
        var servers = right.with(KeyPurposeId.id_kp_serverAuth);
        var all = new EnumMap<Stranger, TlsMaterial>(Stranger.class);
        all.put(Stranger.NONE, new TlsMaterial(null, List.of(), SERVERS));
        all.put(Stranger.OF_ANOTHER_AUTHORITY, ClientCa.root("clients").issue(right, SERVERS));
        all.put(Stranger.EXPIRED, CA.issue(right.expired(), SERVERS));
        all.put(Stranger.MADE_FOR_SERVERS, CA.issue(servers, SERVERS));
        all.put(Stranger.REVOKED, CA.issue(right, SERVERS));
        all.put(Stranger.REVOKED_BELOW, BELOW.issue(right, SERVERS));
        all.put(Stranger.OF_A_REVOKED_AUTHORITY, CA.intermediate("gone").issue(right, SERVERS));
        return all;
    }

    private static TlsMaterial tls(Stranger stranger) {
        return Objects.requireNonNull(STRANGERS.get(stranger));
    }

    private static final ClientRules RULES =
            new ClientRules(
                    List.of(
                            CA.revoking(
                                    tls(Stranger.REVOKED).chain().getFirst(),
                                    tls(Stranger.OF_A_REVOKED_AUTHORITY).chain().get(1)),
                            BELOW.revoking(tls(Stranger.REVOKED_BELOW).chain().getFirst())),
                    false);

    private final HttpVersion version;
    private final TlsProvider provider;
    private final EventLoops loops = EventLoops.start(1);
    private final ScriptedService service = new ScriptedService(ScriptedService.Answer.AT_ONCE);
    private final CountingListener listener = new CountingListener();
    private volatile TlsMaterial tls = TestFront.PKI.egressServer().with(anchors(), RULES);

    ClientCertificatesTest(HttpVersion version, TlsProvider provider) {
        this.version = version;
        this.provider = provider;
    }

    private static List<X509Certificate> anchors() {
        return List.of(CA.certificate());
    }

    private Front open(ClientCertificates certificates) throws IOException {
        var settings =
                FrontSettings.standard(
                                "relay",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                certificates)
                        .speaking(Set.of(version))
                        .with(provider);
        return Front.open(loops, settings, () -> tls, service, listener);
    }

    @AfterEach
    void close() {
        loops.close();
        LeakPresenceDetector.check();
    }

    @Test
    void letsInWhoseCertificateIsTakenAndSaysWhoseItIs() throws Exception {
        for (var mode : List.of(ClientCertificates.REQUIRED, ClientCertificates.WANTED)) {
            try (var front = open(mode)) {
                assertThat(shownBy(RIGHT, front)).isEqualTo(RIGHT.chain());
                assertThat(shownBy(INDIRECT, front).getFirst())
                        .isEqualTo(INDIRECT.chain().getFirst());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void failsTheHandshakeOfStrangersWhereACertificateIsRequired(Stranger stranger)
            throws Exception {
        try (var front = open(ClientCertificates.REQUIRED)) {
            assertTurnedAway(tls(stranger), front);
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsStrangersAsNobodyWhereACertificateIsWanted(Stranger stranger) throws Exception {
        try (var front = open(ClientCertificates.WANTED)) {
            assertThat(shownBy(tls(stranger), front)).isEmpty();
        }
    }

    @Test
    void looksAtNoCertificateThatNobodyWants() throws Exception {
        try (var front = open(ClientCertificates.IGNORED)) {
            assertThat(shownBy(RIGHT, front)).isEmpty();
        }
    }

    @Test
    void takesOnlyWhatAnAnchorItselfHasSignedIfToldSo() throws Exception {
        tls = tls.with(anchors(), new ClientRules(List.of(), true));
        try (var front = open(ClientCertificates.REQUIRED)) {
            assertThat(shownBy(RIGHT, front)).isEqualTo(RIGHT.chain());
            assertTurnedAway(INDIRECT, front);
        }
        tls = tls.with(List.of(CA.certificate(), BELOW.certificate()), tls.clientRules());
        try (var front = open(ClientCertificates.REQUIRED)) {
            assertThat(shownBy(INDIRECT, front)).isNotEmpty();
        }
    }

    @Test
    void ignoresRevocationsByAnotherAuthorityOfTheSameName() throws Exception {
        X509CRL foreign = ClientCa.root("clients").revoking(RIGHT.chain().getFirst());
        tls = tls.with(anchors(), new ClientRules(List.of(foreign), false));
        try (var front = open(ClientCertificates.REQUIRED)) {
            assertThat(shownBy(RIGHT, front)).isNotEmpty();
        }
    }

    @Test
    void followsItsTrust() throws Exception {
        try (var front = open(ClientCertificates.REQUIRED)) {
            assertThat(shownBy(RIGHT, front)).isNotEmpty();

            var revoked = CA.revoking(RIGHT.chain().getFirst());
            tls = tls.with(anchors(), new ClientRules(List.of(revoked), false));

            assertTurnedAway(RIGHT, front);
            assertThat(shownBy(INDIRECT, front)).isNotEmpty();
        }
    }

    @Test
    void opensNoFurtherTunnelOnAConnectionWhoseCertificateIsRevoked() throws Exception {
        assumeTrue(version != HttpVersion.H1); // Its client takes a connection for each tunnel.
        try (var front = open(ClientCertificates.REQUIRED);
                var raw = RawClient.connect(version, front.address(), RIGHT)) {
            assertThat(raw.connect("target.example:443").awaitHead().status()).isEqualTo(200);
            service.next();

            var revoked = CA.revoking(RIGHT.chain().getFirst());
            tls = tls.with(anchors(), new ClientRules(List.of(revoked), false));

            assertThat(raw.connect("target.example:443").awaitHead().status()).isEqualTo(403);
            assertThat(raw.request("GET", "/").awaitHead().status()).isEqualTo(403);
            assertThat(service.wasAsked()).isFalse();
        }
    }

    @Test
    void countsAClientAsNobodyOnceItsCertificateIsRevoked() throws Exception {
        assumeTrue(version != HttpVersion.H1); // Its client takes a connection for each tunnel.
        try (var front = open(ClientCertificates.WANTED);
                var raw = RawClient.connect(version, front.address(), RIGHT)) {
            raw.connect("target.example:443").awaitHead();
            assertThat(service.next().request().peer().certificates()).isNotEmpty();

            var revoked = CA.revoking(RIGHT.chain().getFirst());
            tls = tls.with(anchors(), new ClientRules(List.of(revoked), false));

            raw.connect("target.example:443").awaitHead();
            assertThat(service.next().request().peer().certificates()).isEmpty();
        }
    }

    @Test
    void judgesResumedSessionsAnew() throws Exception {
        assumeTrue(version != HttpVersion.H3); // Its clients here forget their sessions.
        try (var front = open(ClientCertificates.REQUIRED)) {
            var client = TlsContexts.of(RIGHT);
            var first = connect(client, front);
            assertThat(connect(client, front).getCreationTime())
                    .as("the second session resumes the first")
                    .isEqualTo(first.getCreationTime());

            var revoked = CA.revoking(RIGHT.chain().getFirst());
            tls = tls.with(anchors(), new ClientRules(List.of(revoked), false));

            assertThatThrownBy(() -> connect(client, front)).isInstanceOf(IOException.class);
        }
    }

    /// Connects, waits until the front says something, and gives the session.
    private SSLSession connect(SSLContext client, Front front) throws IOException {
        int port = front.address().getPort();
        try (var socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", port)) {
            socket.setSoTimeout(10_000);
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(
                    new String[] {version == HttpVersion.H1 ? "http/1.1" : "h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            if (version == HttpVersion.H1) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
            }
            if (socket.getInputStream().read() < 0) {
                throw new EOFException("turned away");
            }
            return socket.getSession();
        }
    }

    /// The chain that the front believes of a client that asks for a tunnel.
    private List<X509Certificate> shownBy(TlsMaterial client, Front front) throws Exception {
        try (var raw = RawClient.connect(version, front.address(), client)) {
            var tunnel = raw.connect("target.example:443");
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            return service.next().request().peer().certificates();
        }
    }

    private void assertTurnedAway(TlsMaterial client, Front front) {
        boolean answered;
        try (var raw = RawClient.connect(version, front.address(), client)) {
            raw.connect("target.example:443").awaitHead();
            answered = true;
        } catch (Exception | AssertionError _) {
            answered = false;
        }
        assertThat(answered).isFalse();
        assertThat(service.wasAsked()).isFalse();
    }
}
