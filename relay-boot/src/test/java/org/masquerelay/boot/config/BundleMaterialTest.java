package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.transport.TlsMaterial;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

final class BundleMaterialTest {
    private static final Set<Need> BOTH = Set.of(Need.OWN_CERTIFICATE, Need.TRUST);

    private static final ClientCa CA = ClientCa.root("root");

    @TempDir static Path home;

    private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();

    @BeforeAll
    static void makeCertificates() throws Exception {
        DevelopmentPki.open(home, Clock.systemUTC());
    }

    @Test
    void readsKeyChainAndAnchors() throws Exception {
        bundles.registerBundle("relay", bundle("egress", "egress", "entry-ca"));

        var material = BundleMaterial.of("relay.tls.bundle", "relay", BOTH, bundles).get();

        var expected = DevelopmentPki.open(home, Clock.systemUTC()).egressServer();
        assertThat(material.chain()).isEqualTo(expected.chain());
        assertThat(material.anchors()).isEqualTo(expected.anchors());
        assertThat(material.key()).isEqualTo(expected.key());
    }

    @Test
    void followsAReloadAndKeepsTheOldMaterialWhenTheNewIsUnusable() throws Exception {
        bundles.registerBundle("relay", bundle("egress", "egress", null));
        var material =
                BundleMaterial.of(
                        "relay.tls.bundle", "relay", Set.of(Need.OWN_CERTIFICATE), bundles);
        var first = material.get();

        bundles.updateBundle("relay", bundle("ingress", "ingress", null));
        var second = material.get();
        bundles.updateBundle("relay", bundle("ingress", "egress", null));

        assertThat(second.chain()).isNotEqualTo(first.chain());
        assertThat(material.get()).isSameAs(second);
    }

    @Test
    void refusesAReloadToACertificateThatHasExpiredAndSaysSoUntilOneWorks() throws Exception {
        bundles.registerBundle("relay", bundle("egress", "egress", null));
        var material =
                BundleMaterial.of(
                        "relay.tls.bundle", "relay", Set.of(Need.OWN_CERTIFICATE), bundles);
        var first = material.get();
        assertThat(material.problem()).isEmpty();

        bundles.updateBundle("relay", bundle(CA.issue(Client.of("relay").expired(), List.of())));

        assertThat(material.get()).isSameAs(first);
        assertThat(material.problem().orElseThrow())
                .startsWith("relay.tls.bundle names the SSL bundle \"relay\"")
                .contains("expired at 20");

        bundles.updateBundle("relay", bundle("ingress", "ingress", null));

        assertThat(material.get()).isNotSameAs(first);
        assertThat(material.problem()).isEmpty();
    }

    @Test
    void namesABundleThatIsNotDefined() {
        assertThatThrownBy(() -> BundleMaterial.of("relay.tls.bundle", "nix", BOTH, bundles))
                .isInstanceOf(TlsBundleException.class)
                .hasMessage("relay.tls.bundle names the SSL bundle \"nix\", which is not defined");
    }

    @Test
    void namesAFileThatIsMissing() {
        bundles.registerBundle("relay", bundle("nowhere", "egress", null));

        assertThatThrownBy(() -> BundleMaterial.of("relay.tls.bundle", "relay", BOTH, bundles))
                .isInstanceOf(TlsBundleException.class)
                .hasMessageContaining("cannot be read")
                .hasMessageContaining("nowhere.crt");
    }

    @Test
    void refusesAKeyOfAnotherCertificate() {
        bundles.registerBundle("relay", bundle("ingress", "egress", null));

        assertThatThrownBy(() -> BundleMaterial.of("relay.tls.bundle", "relay", BOTH, bundles))
                .isInstanceOf(TlsBundleException.class)
                .hasMessageContaining("the key is not the one of the certificate");
    }

    @Test
    void saysWhatABundleLacks() {
        bundles.registerBundle("keyless", bundle(null, null, "entry-ca"));
        bundles.registerBundle("trustless", bundle("egress", "egress", null));

        assertThatThrownBy(() -> BundleMaterial.of("relay.tls.bundle", "keyless", BOTH, bundles))
                .hasMessageEndingWith("which holds no private key");
        assertThatThrownBy(() -> BundleMaterial.of("relay.tls.bundle", "trustless", BOTH, bundles))
                .hasMessageEndingWith("which holds no certificate of an authority to trust");
    }

    private static SslBundle bundle(TlsMaterial own) throws Exception {
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        return SslBundle.of(SslStoreBundle.of(keys, "", null));
    }

    private static SslBundle bundle(
            @Nullable String certificate, @Nullable String key, @Nullable String anchors) {
        var own =
                certificate == null
                        ? null
                        : PemSslStoreDetails.forCertificate(file(certificate + ".crt"))
                                .withPrivateKey(key == null ? null : file(key + ".key"));
        var trust =
                anchors == null ? null : PemSslStoreDetails.forCertificate(file(anchors + ".crt"));
        return SslBundle.of(new PemSslStoreBundle(own, trust));
    }

    private static String file(String name) {
        return home.resolve(name).toUri().toString();
    }
}
