package org.masquerelay.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.config.OwnIssuer;
import org.masquerelay.ingress.IngressApp;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.token.issuance.TokenIssuer.Issuance;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// An ingress as it is started from the command line, whose gate is asked without a connection.
final class BenchedIngress implements AutoCloseable {
    private static final String ISSUER = "localhost";
    private static final String AUDIENCE = "relay.example";
    private static final String NAME = "alice";
    private static final String PASSWORD = "open sesame";

    /// Enough for the caches of a processor not to know each by heart.
    private static final int TOKENS = 64;

    private final SecureRandom random = new SecureRandom();
    private final Credentials credentials;
    private final RSAKey jwtKey;
    private final ConfigurableApplicationContext app;
    private final List<X509Certificate> certificates;

    BenchedIngress(Credentials credentials, Path directory) throws IOException, JOSEException {
        this.credentials = credentials;
        this.jwtKey = new RSAKeyGenerator(2048).keyID("1").generate();
        var certificate =
                DevelopmentPki.open(directory, Clock.systemUTC()).ingressUpstream().chain();
        this.certificates = credentials == Credentials.CERTIFICATE ? certificate : List.of();
        var users = directory.resolve("users");
        Files.writeString(users, NAME + ":" + PasswordHash.of(PASSWORD, random).format() + "\n");
        var settings = new ArrayList<String>();
        settings.add(
                "spring.config.location=classpath:relay-management.yml,classpath:relay-gate.yml");
        settings.add("spring.main.banner-mode=off");
        settings.add("logging.level.root=warn");
        settings.add("server.port=0");
        settings.add("relay.event-loops=1");
        settings.add("relay.drain.timeout=0s");
        settings.add("relay.development.directory=" + directory);
        settings.add("relay.listeners[0].name=main");
        settings.add("relay.listeners[0].address=127.0.0.1");
        settings.add("relay.listeners[0].port=0");
        settings.add("relay.listeners[0].client-auth=want");
        settings.add("relay.listeners[0].client-trust=file:" + directory.resolve("entry-ca.crt"));
        settings.add("relay.upstream.uri=https://localhost:9");
        settings.add("relay.auth.issuer-name=" + ISSUER);
        settings.add("relay.auth.challenge-window=1h"); // Tokens stay good for the whole run.
        settings.add("relay.auth.jwt.audience=" + AUDIENCE);
        settings.add("relay.auth.jwt.jwk-set=" + new JWKSet(jwtKey).toString(true));
        settings.add("relay.auth.basic.users-file=" + users);
        settings.addAll(credentials.settings());
        this.app =
                new SpringApplicationBuilder(IngressApp.class)
                        .run(settings.stream().map("--"::concat).toArray(String[]::new));
    }

    Gate gate() {
        return app.getBean(Gate.class);
    }

    /// Requests that differ in nothing but their tokens.
    List<TunnelRequest> requests() throws JOSEException, TokenFormatException {
        var requests = new ArrayList<TunnelRequest>();
        switch (credentials) {
            case NOTHING, CERTIFICATE -> requests.add(request(HeaderFields.NONE));
            case TOKEN_BLIND_RSA -> {
                for (int i = 0; i < TOKENS; i++) {
                    requests.add(request(token(TokenType.BLIND_RSA)));
                }
            }
            case TOKEN_VOPRF -> {
                for (int i = 0; i < TOKENS; i++) {
                    requests.add(request(token(TokenType.VOPRF)));
                }
            }
            case TOKEN_SPENT -> requests.add(request(token(TokenType.BLIND_RSA)));
            case JWT -> requests.add(request(authorization("Bearer " + jwt())));
            case PASSWORD_AGAIN, PASSWORD_FIRST -> {
                byte[] pair = (NAME + ":" + PASSWORD).getBytes(UTF_8);
                var encoded = Base64.getEncoder().encodeToString(pair);
                requests.add(request(authorization("Basic " + encoded)));
            }
        }
        return requests;
    }

    private TunnelRequest request(HeaderFields fields) {
        var head =
                new RequestHead(
                        "CONNECT",
                        "https",
                        "relay.example",
                        "/.well-known/masque/udp/target.example/443/",
                        "connect-udp",
                        fields.with("capsule-protocol", "?1"));
        var peer =
                new Peer(
                        new InetSocketAddress("192.0.2.1", 4711),
                        certificates,
                        "main",
                        HttpVersion.H3);
        return new TunnelRequest(TunnelKind.UDP, new HostPort("target.example", 443), head, peer);
    }

    private static HeaderFields authorization(String value) {
        return HeaderFields.of("authorization", value);
    }

    private HeaderFields token(TokenType type) throws TokenFormatException {
        var challenge = app.getBean(ChallengeWindows.class).current(ISSUER, type);
        var keys = app.getBean(OwnIssuer.class).keys().orElseThrow().get().usable(Instant.now());
        var key =
                keys.stream()
                        .filter(one -> one.publicKey().type() == type)
                        .findFirst()
                        .orElseThrow();
        var pending = PendingToken.start(challenge, key.publicKey(), random);
        if (!(new TokenIssuer(keys).issue(pending.request())
                instanceof Issuance.Issued(var response))) {
            throw new IllegalStateException("issuer: refused (expected: a token)");
        }
        var token = pending.finish(response.serialise());
        return authorization(PrivateTokenCredentials.format(token, ParameterStyle.QUOTED));
    }

    private String jwt() throws JOSEException {
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer("https://issuer.example")
                        .audience(AUDIENCE)
                        .subject(NAME)
                        .expirationTime(Date.from(Instant.now().plus(1, ChronoUnit.DAYS)))
                        .build();
        var header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(jwtKey.getKeyID()).build();
        var jwt = new SignedJWT(header, claims);
        jwt.sign(new RSASSASigner(jwtKey));
        return jwt.serialize();
    }

    @Override
    public void close() {
        app.close();
    }
}
