package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.pki.DevelopmentPki;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

final class BundleMaterialTest {
    private static final Set<Need> BOTH = Set.of(Need.OWN_CERTIFICATE, Need.TRUST);

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
