package org.masquerelay.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PemTest {
    @Test
    void readsTheCertificatesItWrites() throws Exception {
        var one = CertificateAuthority.create("one", Instant.now(), Duration.ofDays(1));
        var two = CertificateAuthority.create("two", Instant.now(), Duration.ofDays(1));
        var chain = List.of(one.certificate(), two.certificate());

        assertThat(Pem.certificates("Some words\n" + Pem.text(chain))).isEqualTo(chain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void readsThePrivateKeyItWrites(String algorithm) throws Exception {
        var key = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();

        assertThat(Pem.privateKey(Pem.text(key))).isEqualTo(key);
    }

    @Test
    void refusesEveryPrefixOfACertificate() throws Exception {
        var authority = CertificateAuthority.create("one", Instant.now(), Duration.ofDays(1));
        String text = Pem.text(List.of(authority.certificate())).stripTrailing();

        for (int length = 0; length < text.length(); length++) {
            String prefix = text.substring(0, length);
            assertThatThrownBy(() -> Pem.certificates(prefix)).isInstanceOf(PemException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----\n=A=A\n-----END CERTIFICATE-----"
            })
    void refusesWhatIsNoCertificate(String text) {
        assertThatThrownBy(() -> Pem.certificates(text)).isInstanceOf(PemException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nAAAA",
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"
            })
    void refusesWhatIsNoPrivateKey(String text) {
        assertThatThrownBy(() -> Pem.privateKey(text)).isInstanceOf(PemException.class);
    }

    @Test
    void saysHowManyBlocksItFound() {
        assertThatThrownBy(() -> Pem.block("nothing", "PUBLIC KEY"))
                .hasMessage("0 PUBLIC KEY blocks found (expected: 1)");
    }
}
