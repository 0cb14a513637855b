package org.masquerelay.boot.config;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.boot.config.CertificatesInUse.Shown;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;

/// Where the TLS material of an app comes from: the SSL bundles that are configured, or the
/// development PKI if none is.
public final class RelayTls {
    private static final Logger LOG = LoggerFactory.getLogger(RelayTls.class);

    /// Stands for the name of an SSL bundle in meters.
    private static final String DEVELOPMENT = "development";

    private final SslBundles bundles;
    private final CertificatesInUse certificates;
    private final Path developmentDirectory;

    public RelayTls(
            SslBundles bundles, DevelopmentProperties development, CertificatesInUse certificates) {
        this.bundles = bundles;
        this.certificates = certificates;
        this.developmentDirectory = development.directory();
    }

    /// The bundle that `property` names; empty is an error here, because another one is configured.
    public Supplier<TlsMaterial> bundle(String property, String name, Set<Need> needs) {
        if (name.isEmpty()) {
            throw new BadSettingException(
                    property,
                    "is empty although other SSL bundles of the relay are configured",
                    "Set it to the name of an SSL bundle, or set none of them to run with the"
                            + " development certificates");
        }
        var material = BundleMaterial.of(property, name, needs, bundles);
        certificates.add(new Shown(name, material, material::problem));
        return material;
    }

    /// The development certificates, with a warning that these are what is used.
    public DevelopmentPki development() {
        try {
            var pki = DevelopmentPki.open(developmentDirectory, Clock.systemUTC());
            LOG.warn(
                    "No SSL bundle is configured: running with development certificates from {},"
                            + " which only this machine trusts",
                    developmentDirectory);
            // All of them are made at once.
            certificates.add(new Shown(DEVELOPMENT, pki::ingressServer, Optional::empty));
            return pki;
        } catch (IOException e) {
            throw new BadSettingException(
                    "relay.development.directory",
                    "cannot hold the development certificates: " + Reasons.innermost(e),
                    "Set it to a directory this process can write to, or configure"
                            + " relay.tls.bundle");
        }
    }
}
