package org.masquerelay.gate.config;

import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.jwt.JwtKeys;
import org.masquerelay.gate.jwt.JwtRules;
import org.masquerelay.gate.jwt.JwtScheme;
import org.masquerelay.gate.jwt.KeySet;
import org.masquerelay.gate.jwt.KeySource;
import org.masquerelay.gate.jwt.RemoteKeys;
import org.masquerelay.pki.Pem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/// Turns `relay.auth.jwt` into a scheme.
@Configuration(proxyBeanMethods = false)
@ConditionalOnAdmitted(JwtScheme.NAME)
class JwtConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(JwtConfiguration.class);

    private static final String PREFIX = "relay.auth.jwt.";
    private static final String TLS_BUNDLE = PREFIX + "tls-bundle";
    private static final String FILE = "file:";
    private static final int CONNECT_TIMEOUT_MILLIS = 3000;
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(5);

    /// In bytes; a JWK set of 100 RSA keys with certificates.
    private static final int MAX_ANSWER = 512 * 1024;

    @Bean
    @Order(GateConfiguration.FIRST)
    JwtScheme jwtScheme(AuthProperties auth, SslBundles bundles) {
        var jwt = auth.jwt();
        if (jwt == null) {
            throw new BadSettingException(
                    GateConfiguration.ADMIT,
                    "names jwt, but nothing says which tokens are good",
                    "Set relay.auth.jwt.audience, and relay.auth.jwt.issuer or another source of"
                            + " keys");
        }
        if (jwt.audience().isEmpty()) {
            throw new BadSettingException(
                    PREFIX + "audience",
                    "is empty, so tokens for any other service would pass",
                    "Set it to what the issuer writes into aud for this relay");
        }
        var rules =
                new JwtRules(
                        Optional.of(jwt.issuer()).filter(name -> !name.isEmpty()),
                        new HashSet<>(jwt.audience()),
                        EnumSet.copyOf(jwt.algorithms()),
                        jwt.tenantClaim(),
                        jwt.clockSkew());
        return new JwtScheme(auth.realm(), rules, keys(jwt, bundles), InstantSource.system());
    }

    private static JwtKeys keys(JwtProperties jwt, SslBundles bundles) {
        checkOneSource(jwt);
        if (!jwt.jwkSet().isEmpty()) {
            return JwtKeys.of(jwkSet(jwt.jwkSet()));
        }
        if (!jwt.publicKey().isEmpty()) {
            return JwtKeys.of(publicKey(jwt.publicKey()));
        }
        var source = new KeySource(web(jwt.tlsBundle(), bundles)::get);
        Mono<KeySet> keys =
                jwt.jwksUri().isEmpty()
                        ? source.of(uri("issuer", jwt.issuer()))
                        : source.at(uri("jwks-uri", jwt.jwksUri()));
        var remote =
                new RemoteKeys(keys, jwt.cacheTime(), jwt.fetchPause(), InstantSource.system());
        remote.newer().subscribe(); // So that the first request need not wait.
        return remote;
    }

    private static void checkOneSource(JwtProperties jwt) {
        long sources =
                Stream.of(jwt.jwksUri(), jwt.jwkSet(), jwt.publicKey())
                        .filter(text -> !text.isEmpty())
                        .count();
        if (sources > 1) {
            throw new BadSettingException(
                    "relay.auth.jwt",
                    "has more than one source of keys",
                    "Set only one of relay.auth.jwt.jwks-uri, relay.auth.jwt.jwk-set and"
                            + " relay.auth.jwt.public-key");
        }
        if (sources == 0 && jwt.issuer().isEmpty()) {
            throw new BadSettingException(
                    "relay.auth.jwt",
                    "has no source of keys",
                    "Set relay.auth.jwt.issuer to an issuer that publishes its metadata, or one of"
                            + " relay.auth.jwt.jwks-uri, relay.auth.jwt.jwk-set and"
                            + " relay.auth.jwt.public-key");
        }
    }

    private static URI uri(String property, String text) {
        try {
            var uri = URI.create(text);
            if (KeySource.isSafe(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // No URI at all.
        }
        throw new BadSettingException(
                PREFIX + property,
                "is no URI that keys can safely be fetched from",
                "Write it as https://..., or as http://localhost... on the same machine");
    }

    private static KeySet jwkSet(String text) {
        try {
            return KeySet.parse(content(text));
        } catch (IOException | ParseException e) {
            throw new BadSettingException(
                    PREFIX + "jwk-set",
                    "cannot be used: " + e.getMessage(),
                    "Set it to a JWK set with a public key, or to file: and a path to one");
        }
    }

    private static KeySet publicKey(String text) {
        try {
            return KeySet.parseSpki(Pem.block(content(text), "PUBLIC KEY"));
        } catch (IOException | ParseException e) {
            throw new BadSettingException(
                    PREFIX + "public-key",
                    "cannot be used: " + e.getMessage(),
                    "Set it to a public key in PEM, or to file: and a path to one");
        }
    }

    private static String content(String text) throws IOException {
        return text.startsWith(FILE)
                ? Files.readString(Path.of(text.substring(FILE.length())))
                : text;
    }

    /// The client to fetch keys with, which follows its bundle.
    private static AtomicReference<WebClient> web(String bundle, SslBundles bundles) {
        if (bundle.isEmpty()) {
            return new AtomicReference<>(web(HttpClient.create()));
        }
        try {
            var current = new AtomicReference<>(web(trusting(bundles.getBundle(bundle))));
            bundles.addBundleUpdateHandler(bundle, next -> update(bundle, current, next));
            return current;
        } catch (NoSuchSslBundleException _) {
            throw unusable(bundle, "is not defined");
        } catch (SSLException | RuntimeException _) {
            throw unusable(bundle, "cannot be read");
        }
    }

    private static BadSettingException unusable(String bundle, String problem) {
        return new BadSettingException(
                TLS_BUNDLE,
                "names the SSL bundle \"" + bundle + "\", which " + problem,
                "Define it under spring.ssl.bundle with a trust store that can be read, or leave it"
                        + " empty");
    }

    private static void update(String name, AtomicReference<WebClient> current, SslBundle next) {
        try {
            current.set(web(trusting(next)));
        } catch (SSLException | RuntimeException e) {
            LOG.error("SSL bundle \"{}\" cannot be read; the one before stays in use", name);
        }
    }

    private static HttpClient trusting(SslBundle bundle) throws SSLException {
        SslContext context =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .trustManager(bundle.getManagers().getTrustManagerFactory())
                        .build();
        return HttpClient.create().secure(tls -> tls.sslContext(context));
    }

    private static WebClient web(HttpClient client) {
        var bounded =
                client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                        .responseTimeout(RESPONSE_TIMEOUT);
        return WebClient.builder()
                .clientConnector(new ReactorClientHttpConnector(bounded))
                .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MAX_ANSWER))
                .build();
    }
}
