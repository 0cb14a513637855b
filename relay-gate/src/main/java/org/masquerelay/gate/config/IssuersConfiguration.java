package org.masquerelay.gate.config;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.directory.IssuerDirectories;
import org.masquerelay.gate.directory.IssuerDirectories.Source;
import org.masquerelay.gate.directory.IssuersHealthIndicator;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.TrustedIssuers;
import org.masquerelay.token.VoprfVerifyingKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Whose tokens pass: the issuer whose keys are configured, and those that are trusted by their
/// directories.
@Configuration(proxyBeanMethods = false)
class IssuersConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(IssuersConfiguration.class);

    private static final String ISSUERS = "relay.auth.issuers";

    @Bean
    TrustedIssuers trustedIssuers(
            AuthProperties auth, OwnIssuer ownIssuer, ChallengeWindows windows) {
        var issuers = new ArrayList<TrustedIssuer>();
        if (hasConfiguredKeys(auth, ownIssuer)) {
            issuers.add(configured(auth, ownIssuer));
        }
        // Nothing of theirs is trusted before their directories have come.
        auth.issuers().forEach(one -> issuers.add(new TrustedIssuer(one.name(), List.of())));
        var trusted = new TrustedIssuers(windows, issuers);
        ownIssuer
                .keys()
                .ifPresent(
                        keys -> keys.onChange(_ -> trusted.replace(configured(auth, ownIssuer))));
        return trusted;
    }

    private static TrustedIssuer configured(AuthProperties auth, OwnIssuer ownIssuer) {
        var keys = new ArrayList<TrustedIssuer.Key>(IssuerKeys.parse(auth.issuerKeys()));
        ownIssuer
                .keys()
                .map(own ->
                        own.get()
                                .trusted(auth.issuerName(), InstantSource.system().instant())
                                .keys())
                .ifPresent(keys::addAll);
        return new TrustedIssuer(auth.issuerName(), keys);
    }

    static boolean hasConfiguredKeys(AuthProperties auth, OwnIssuer ownIssuer) {
        return !auth.issuerKeys().isEmpty() || ownIssuer.keys().isPresent();
    }

    /// The names that challenges are made for: at least one.
    static List<String> names(AuthProperties auth, OwnIssuer ownIssuer) {
        var names = new ArrayList<String>();
        if (hasConfiguredKeys(auth, ownIssuer) || auth.issuers().isEmpty()) {
            names.add(auth.issuerName());
        }
        auth.issuers().forEach(one -> names.add(one.name()));
        if (new HashSet<>(names).size() < names.size()) {
            throw new BadSettingException(
                    ISSUERS,
                    "names an issuer twice, or the one of relay.auth.issuer-name",
                    "Give each issuer a name of its own");
        }
        return names;
    }

    @Bean(destroyMethod = "close")
    IssuerDirectories issuerDirectories(
            AuthProperties auth, TrustedIssuers issuers, SslBundles bundles) {
        var sources = new ArrayList<Source>();
        boolean needed = auth.admits(PrivateTokenScheme.NAME);
        for (int i = 0; needed && i < auth.issuers().size(); i++) {
            sources.add(source(ISSUERS + "[" + i + "]", auth.issuers().get(i), bundles));
        }
        var directories =
                new IssuerDirectories(
                        sources,
                        auth.directories().policy(),
                        auth.directories().timeout(),
                        issuers::replace);
        var missing = directories.start();
        if (!missing.isEmpty() && auth.issuersRequired()) {
            directories.close();
            throw new BadSettingException(
                    ISSUERS,
                    "has a directory that is needed: that of " + missing.getFirst(),
                    "Correct its URL, see to the issuer, or leave relay.auth.issuers-required out");
        }
        return directories;
    }

    @Bean
    IssuersHealthIndicator tokenIssuersHealthIndicator(
            IssuerDirectories directories, AuthProperties auth, OwnIssuer ownIssuer) {
        return new IssuersHealthIndicator(directories, hasConfiguredKeys(auth, ownIssuer));
    }

    private static Source source(String property, IssuerSourceProperties one, SslBundles bundles) {
        return new Source(
                one.name(),
                https(property, one.directory()),
                IssuerKeys.parse(property + ".keys", one.keys()).stream()
                        .map(TrustedIssuer.Key::verifying)
                        .filter(VoprfVerifyingKey.class::isInstance)
                        .map(VoprfVerifyingKey.class::cast)
                        .toList(),
                tls(property, one.tlsBundle(), bundles));
    }

    private static URI https(String property, URI directory) {
        if (!"https".equals(directory.getScheme()) || directory.getHost() == null) {
            throw new BadSettingException(
                    property + ".directory",
                    "is not an https URL",
                    "Write it as https://HOST/.well-known/private-token-issuer-directory");
        }
        return directory;
    }

    private static Optional<SslContext> tls(String property, String name, SslBundles bundles) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            var managers = bundles.getBundle(name).getManagers();
            return Optional.of(
                    SslContextBuilder.forClient()
                            .trustManager(managers.getTrustManagerFactory())
                            .build());
        } catch (NoSuchSslBundleException | SSLException | IllegalStateException e) {
            LOG.debug("SSL bundle", e);
            throw new BadSettingException(
                    property + ".tls-bundle",
                    "names the SSL bundle \"" + name + "\", which is not defined or cannot be read",
                    "Define it under spring.ssl.bundle with a trust store");
        }
    }
}
