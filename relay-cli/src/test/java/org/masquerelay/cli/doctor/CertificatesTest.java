package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.Finding.Mark;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ClientCa;

final class CertificatesTest {
    @TempDir private Path directory = Path.of("");

    private List<X509Certificate> chain = List.of();
    private List<X509Certificate> anchors = List.of();

    @BeforeEach
    void setUp() throws Exception {
        var pki = DevelopmentPki.open(directory, Clock.systemUTC());
        chain = pki.ingressServer().chain();
        anchors = pki.client().anchors();
    }

    @Test
    void findsNothingWrongWithAGoodCertificate() throws Exception {
        assertThat(certificates(chain, Instant.now()).findings(Optional.of("LOCALHOST"), true))
                .hasSize(4)
                .allMatch(finding -> finding.mark() == Mark.OK);
    }

    @Test
    void saysWhenItEnds() throws Exception {
        var end = chain.getFirst().getNotAfter().toInstant();

        assertThat(validity(end.minus(Duration.ofDays(15))).mark()).isEqualTo(Mark.OK);
        assertThat(validity(end.minus(Duration.ofDays(13))))
                .isEqualTo(
                        Finding.warn(
                                "validity of x.crt", "until " + end, "renew it within 13 days"));
        assertThat(validity(end).mark()).isEqualTo(Mark.FAIL);
        assertThat(validity(Instant.EPOCH).change()).contains("set the clock");
    }

    @Test
    void wantsTheNameThatClientsDial() throws Exception {
        var all = certificates(chain, Instant.now());

        assertThat(all.findings(Optional.of("relay.test"), true))
                .filteredOn(finding -> finding.mark() == Mark.FAIL)
                .extracting(Finding::check, Finding::change)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "names of x.crt",
                                "have it issued with the subjectAltName relay.test"));
        assertThat(all.findings(Optional.of("::1"), true))
                .allMatch(finding -> finding.mark() == Mark.OK);
    }

    @Test
    void wantsTheChainInOrder() throws Exception {
        var foreign = ClientCa.root("another").certificate();
        var mixed = List.of(chain.getFirst(), foreign);

        assertThat(certificates(mixed, Instant.now()).findings(Optional.empty(), false))
                .filteredOn(finding -> finding.check().equals("chain of x.crt"))
                .extracting(Finding::mark)
                .containsExactly(Mark.FAIL);
    }

    @Test
    void failsOnAnAuthorityThatNobodyTrustsOnceItIsShown() throws Exception {
        anchors = List.of(ClientCa.root("another").certificate());
        var all = certificates(chain, Instant.now());

        assertThat(all.findings(Optional.empty(), true).getLast().mark()).isEqualTo(Mark.FAIL);
        assertThat(all.findings(Optional.empty(), false).getLast().mark()).isEqualTo(Mark.WARN);
    }

    @Test
    void leavesTrustInClientsToTheirRelay() throws Exception {
        var client = ClientCa.root("clients").issue(ClientCa.Client.of("a", "urn:a"), List.of());

        assertThat(certificates(client.chain(), Instant.now()).findings(Optional.empty(), false))
                .extracting(Finding::check)
                .containsExactly("validity of x.crt", "chain of x.crt");
    }

    @Test
    void wantsTheKeyOfTheCertificate() throws Exception {
        var pki = DevelopmentPki.open(directory, Clock.systemUTC());
        var all = certificates(chain, Instant.now());

        assertThat(all.keyMatch(java.util.Objects.requireNonNull(pki.ingressServer().key())).mark())
                .isEqualTo(Mark.OK);
        assertThat(all.keyMatch(java.util.Objects.requireNonNull(pki.egressServer().key())).mark())
                .isEqualTo(Mark.FAIL);
    }

    private Finding validity(Instant now) throws Exception {
        return certificates(chain, now).findings(Optional.empty(), false).getFirst();
    }

    private Certificates certificates(List<X509Certificate> all, Instant now) throws Exception {
        return new Certificates("x.crt", all, new TargetTrust.Only(anchors).manager(), now);
    }
}
