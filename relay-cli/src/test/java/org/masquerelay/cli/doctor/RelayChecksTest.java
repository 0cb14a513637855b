package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.cli.doctor.Finding.Mark;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

@Timeout(60)
final class RelayChecksTest {
    /// Of the `Date` below, and ten seconds later.
    private static final InstantSource LATER =
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:15Z"));

    private static final String DATE = "Fri, 02 Jan 2026 03:04:05 GMT";

    @TempDir private Path directory = Path.of("");

    private TlsMaterial server = TlsMaterial.trusting(List.of());
    private List<X509Certificate> anchors = List.of();

    @BeforeEach
    void setUp() throws Exception {
        var pki = DevelopmentPki.open(directory, Clock.systemUTC());
        server = pki.ingressServer();
        anchors = pki.client().anchors();
    }

    @ParameterizedTest
    @EnumSource
    void reachesARelayAndComparesItsClock(HttpVersion version) throws Exception {
        try (var relay = ScriptedRelay.start(version, server)) {
            Thread.ofVirtual().start(() -> answer(relay));

            var found = checks(relay.address().getPort(), List.of(version), LATER).findings();

            assertThat(found.subList(0, 2))
                    .extracting(Finding::mark, Finding::check, Finding::found)
                    .containsExactly(
                            Tuple.tuple(
                                    Mark.OK,
                                    "egress by " + version.tag(),
                                    "localhost:%d answers 404"
                                            .formatted(relay.address().getPort())),
                            Tuple.tuple(Mark.WARN, "clock", "10 s ahead of that of the egress"));
        }
    }

    @Test
    void looksAtTheCertificateThatIsShown() throws Exception {
        try (var relay = ScriptedRelay.start(HttpVersion.H1, server)) {
            Thread.ofVirtual().start(() -> answer(relay));

            assertThat(
                            checks(
                                            relay.address().getPort(),
                                            List.of(HttpVersion.H1),
                                            InstantSource.system())
                                    .findings())
                    .filteredOn(finding -> finding.check().endsWith(" of the egress"))
                    .extracting(Finding::check, Finding::mark)
                    .containsExactly(
                            Tuple.tuple("validity of the egress", Mark.OK),
                            Tuple.tuple("names of the egress", Mark.OK),
                            Tuple.tuple("chain of the egress", Mark.OK));
        }
    }

    @Test
    void namesTheOptionForAnAuthorityThatIsNotTrusted() throws Exception {
        anchors = List.of(ClientCa.root("another").certificate());
        try (var relay = ScriptedRelay.start(HttpVersion.H3, server)) {
            var found =
                    checks(
                                    relay.address().getPort(),
                                    List.of(HttpVersion.H3),
                                    InstantSource.system())
                            .findings();

            assertThat(found).hasSize(1);
            assertThat(found.getFirst().mark()).isEqualTo(Mark.FAIL);
            assertThat(found.getFirst().change()).startsWith("--ca FILE");
        }
    }

    @Test
    void thinksOfACertificateWhenTheRelayHangsUp() throws Exception {
        try (var relay = ScriptedRelay.start(HttpVersion.H1, server)) {
            Thread.ofVirtual().start(() -> hangUp(relay));

            var found =
                    checks(
                                    relay.address().getPort(),
                                    List.of(HttpVersion.H1),
                                    InstantSource.system())
                            .findings();

            assertThat(found).hasSize(1);
            assertThat(found.getFirst().mark()).isEqualTo(Mark.FAIL);
            assertThat(found.getFirst().change()).startsWith("--cert FILE --key FILE");
        }
    }

    @Test
    void saysWhichVersionsDoNotGetThrough() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(
                        checks(
                                        port,
                                        List.of(HttpVersion.H3, HttpVersion.H2),
                                        InstantSource.system())
                                .findings())
                .extracting(Finding::mark, Finding::check, Finding::change)
                .containsExactly(
                        Tuple.tuple(Mark.FAIL, "egress by h3", rule("udp", port)),
                        Tuple.tuple(Mark.FAIL, "egress by h2", rule("tcp", port)));
    }

    private static String rule(String protocol, int port) {
        return "nft add rule inet filter input %s dport %d accept   # there; or --transports"
                .formatted(protocol, port);
    }

    private RelayChecks checks(int port, List<HttpVersion> versions, InstantSource clock)
            throws IOException {
        return new RelayChecks(
                "egress",
                new HostPort("localhost", port),
                TlsMaterial.trusting(anchors),
                new TargetTrust.Only(anchors).manager(),
                versions,
                Duration.ofSeconds(10),
                clock);
    }

    private static void answer(ScriptedRelay relay) {
        try {
            while (true) {
                var request = relay.next();
                request.answer(404, "date", DATE, "content-length", "0");
                request.finish();
            }
        } catch (IOException | InterruptedException | AssertionError _) {
            // The test is over, or the certificate was all that was wanted.
        }
    }

    private static void hangUp(ScriptedRelay relay) {
        try {
            while (true) {
                relay.next().reset(0);
            }
        } catch (IOException | InterruptedException | AssertionError _) {
            // The test is over.
        }
    }
}
