package org.masquerelay.boot.config;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.pki.KeyMatch;
import org.masquerelay.transport.TlsMaterial;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/// The TLS material of an SSL bundle, which follows its files.
///
/// Read by every event loop; a reload publishes a whole new value, and one that cannot be used
/// leaves the old one in place.
public final class BundleMaterial implements Supplier<TlsMaterial> {
    private static final Logger LOG = LoggerFactory.getLogger(BundleMaterial.class);

    private final String property;
    private final String name;
    private final Set<Need> needs;
    private volatile TlsMaterial current;
    private volatile Optional<String> problem = Optional.empty();

    /// What a hop cannot do without.
    public enum Need {
        OWN_CERTIFICATE,
        TRUST
    }

    private BundleMaterial(String property, String name, Set<Need> needs, SslBundle bundle) {
        this.property = property;
        this.name = name;
        this.needs = needs;
        this.current = read(bundle);
    }

    /// The bundle `name`, which `property` names.
    ///
    /// @throws TlsBundleException if it is missing, unreadable or lacks what is needed
    public static BundleMaterial of(
            String property, String name, Set<Need> needs, SslBundles bundles) {
        SslBundle bundle;
        try {
            bundle = bundles.getBundle(name);
        } catch (NoSuchSslBundleException e) {
            throw new TlsBundleException(property, name, "is not defined", e);
        }
        var material = new BundleMaterial(property, name, needs, bundle);
        bundles.addBundleUpdateHandler(name, material::update);
        return material;
    }

    @Override
    public TlsMaterial get() {
        return current;
    }

    /// Why what was read last is not what is in use, if so.
    public Optional<String> problem() {
        return problem;
    }

    private void update(SslBundle bundle) {
        try {
            var next = read(bundle);
            if (!next.chain().isEmpty()) {
                checkDates(next.chain().getFirst());
            }
            current = next;
            problem = Optional.empty();
            LOG.info("SSL bundle \"{}\" reloaded", name);
        } catch (TlsBundleException e) {
            problem = Optional.ofNullable(e.getMessage());
            LOG.error("{}; the certificates loaded before stay in use", e.getMessage());
        }
    }

    /// One that nobody would take must not push out one that works. At the start there is no other,
    /// and the meters tell.
    private void checkDates(X509Certificate own) {
        try {
            own.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new TlsBundleException(
                    property,
                    name,
                    "holds a certificate that expired at " + own.getNotAfter().toInstant(),
                    e);
        } catch (CertificateNotYetValidException e) {
            throw new TlsBundleException(
                    property,
                    name,
                    "holds a certificate for the time from " + own.getNotBefore().toInstant(),
                    e);
        }
    }

    private TlsMaterial read(SslBundle bundle) {
        TlsMaterial material;
        try {
            material = material(bundle);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new TlsBundleException(
                    property, name, "cannot be read: " + Reasons.innermost(e), e);
        }
        if (needs.contains(Need.OWN_CERTIFICATE) && material.key() == null) {
            throw new TlsBundleException(property, name, "holds no private key", null);
        }
        if (needs.contains(Need.TRUST) && material.anchors().isEmpty()) {
            throw new TlsBundleException(
                    property, name, "holds no certificate of an authority to trust", null);
        }
        return material;
    }

    private static TlsMaterial material(SslBundle bundle) throws GeneralSecurityException {
        var anchors = anchors(bundle.getStores().getTrustStore());
        var keys = bundle.getStores().getKeyStore();
        if (keys == null) {
            return TlsMaterial.trusting(anchors);
        }
        String alias = alias(keys, bundle.getKey().getAlias());
        var password = bundle.getKey().getPassword();
        if (password == null) {
            password = bundle.getStores().getKeyStorePassword();
        }
        if (!(keys.getKey(alias, password == null ? null : password.toCharArray())
                instanceof PrivateKey key)) {
            throw new KeyStoreException("no private key under the alias");
        }
        var chain = x509(Arrays.asList(keys.getCertificateChain(alias)));
        KeyMatch.check(key, chain.getFirst().getPublicKey());
        return new TlsMaterial(key, chain, anchors);
    }

    private static String alias(KeyStore keys, @Nullable String wanted) throws KeyStoreException {
        for (String alias : Collections.list(keys.aliases())) {
            if (wanted == null ? keys.isKeyEntry(alias) : alias.equals(wanted)) {
                return alias;
            }
        }
        throw new KeyStoreException("no private key in it");
    }

    private static List<X509Certificate> anchors(@Nullable KeyStore store)
            throws KeyStoreException {
        if (store == null) {
            return List.of();
        }
        var anchors = new ArrayList<Certificate>();
        for (String alias : Collections.list(store.aliases())) {
            anchors.add(store.getCertificate(alias));
        }
        return x509(anchors);
    }

    private static List<X509Certificate> x509(List<Certificate> certificates) {
        return certificates.stream()
                .filter(X509Certificate.class::isInstance)
                .map(X509Certificate.class::cast)
                .toList();
    }
}
