package org.masquerelay.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.decidesAtOnce;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.gate.jwt.JwtAlgorithm;
import org.masquerelay.gate.jwt.JwtKeys;
import org.masquerelay.gate.jwt.JwtMint;
import org.masquerelay.gate.jwt.JwtRules;
import org.masquerelay.gate.jwt.JwtScheme;
import org.masquerelay.gate.jwt.KeySet;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import reactor.core.publisher.Mono;

/// JSON Web Tokens at the gate.
final class JwtSchemeTest {
    private static final JwtMint MINT = JwtMint.of("RS256");
    private static final JwtMint OTHER = JwtMint.of("RS256");
    private static final String BARE = "Bearer realm=\"relay\"";

    private static final JwtRules RULES =
            new JwtRules(
                    Optional.of(JwtMint.ISSUER),
                    Set.of(JwtMint.AUDIENCE, "other.example"),
                    EnumSet.allOf(JwtAlgorithm.class),
                    "sub",
                    Duration.ofSeconds(30));

    private final Gate gate = gate(RULES, JwtKeys.of(keys(MINT)));

    private static KeySet keys(JwtMint mint) {
        try {
            return KeySet.parse(mint.keys());
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static Gate gate(JwtRules rules, JwtKeys keys) {
        var jwt = new JwtScheme("relay", rules, keys, InstantSource.system());
        return new SpringGate(
                new GateRules(List.of(jwt), Admit.parse(List.of("jwt")), ProxyChallenge.CONNECT)
                        .chain(ServerHttpSecurity.http(), List.of()));
    }

    private static HeaderFields bearer(String token) {
        return HeaderFields.of("authorization", "Bearer " + token);
    }

    private static Tenant tenant(Gate gate, String token) throws Exception {
        return admitted(gate, tcp(bearer(token))).tenant().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                "EdDSA", "Ed25519"
            })
    void takesTokensOfEveryAlgorithm(String algorithm) throws Exception {
        var mint = JwtMint.of(algorithm);

        assertThat(tenant(gate(RULES, JwtKeys.of(keys(mint))), mint.token()))
                .isEqualTo(new Tenant(JwtMint.SUBJECT));
    }

    @Test
    void decidesOnTheEventLoopWithAKeyThatIsKnown() throws Exception {
        assertThat(decidesAtOnce(gate, tcp(bearer(MINT.token())))).isTrue();
        assertThat(decidesAtOnce(gate, tcp(bearer(OTHER.token())))).isTrue();
    }

    @Test
    void takesEitherFieldAndAnyCaseOfTheScheme() throws Exception {
        var value = "bEARER " + MINT.token();

        admitted(gate, tcp(HeaderFields.of("authorization", value)));
        var inProxy = HeaderFields.of("proxy-authorization", value);
        admitted(gate, tcp(inProxy));
        admitted(gate, tcp(inProxy.with("authorization", "Basic dTpw")));
        admitted(gate, tcp(inProxy.with("authorization", value)));
    }

    @Test
    void takesAnAccessTokenOfRfc9068() throws Exception {
        tenant(gate, MINT.tokenWith(header -> header.type(new JOSEObjectType("at+JWT"))));
        // RFC 9068, section 4: either spelling.
        var inFull = new JOSEObjectType("application/at+jwt");
        tenant(gate, MINT.tokenWith(header -> header.type(inFull)));
        tenant(gate, MINT.tokenWith(header -> header.type(null)));
    }

    @Test
    void takesATokenForSeveralAudiences() throws Exception {
        tenant(gate, MINT.token(claims -> claims.audience(List.of("x", JwtMint.AUDIENCE))));
        tenant(gate, MINT.token(claims -> claims.audience("other.example")));
    }

    @Test
    void readsTheTenantFromTheClaimThatIsConfigured() throws Exception {
        var rules =
                new JwtRules(
                        Optional.empty(),
                        Set.of(JwtMint.AUDIENCE),
                        Set.of(JwtAlgorithm.RS256),
                        "org",
                        Duration.ZERO);
        var byOrganisation = gate(rules, JwtKeys.of(keys(MINT)));

        assertThat(
                        tenant(
                                byOrganisation,
                                MINT.token(claims -> claims.claim("org", "acme").issuer("x"))))
                .isEqualTo(new Tenant("acme"));
        assertThat(refused(byOrganisation, tcp(bearer(MINT.token()))).proxyStatus("x"))
                .contains("\"the token names no tenant\"");
    }

    @Test
    void allowsForClocksThatDiffer() throws Exception {
        var now = Instant.now();

        tenant(gate, MINT.token(c -> c.expirationTime(Date.from(now.minusSeconds(20)))));
        tenant(gate, MINT.token(c -> c.notBeforeTime(Date.from(now.plusSeconds(20)))));
    }

    @DisplayName("RFC 6750, section 3: no error for a request without a token")
    @Test
    void challengesWithoutAnErrorWhereThereIsNoToken() throws Exception {
        var refusal = refused(gate, tcp(HeaderFields.NONE));
        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.fields().all("proxy-authenticate")).containsExactly(BARE);

        var others = HeaderFields.of("authorization", "Basic dTpw");
        assertThat(refused(gate, tcp(others)).fields().all("proxy-authenticate"))
                .containsExactly(BARE);
    }

    /// What a token has that must not pass, and the token.
    record Bad(String flaw, String token, String sentence) {
        @Override
        public String toString() {
            return flaw;
        }
    }

    static List<Bad> bad() throws Exception {
        var now = Instant.now();
        var notAllowed = "the token is no JWT, or not signed in a way that is allowed";
        var notForUs = "the token is not meant for this relay";
        var noTenant = "the token names no tenant";
        var claims = SignedJWT.parse(MINT.token()).getJWTClaimsSet();
        String good = MINT.token();
        return List.of(
                new Bad("nothing", "", "the token is malformed"),
                new Bad("no JWT", "opaque", "the token is malformed"),
                new Bad("other characters", good.replace('.', '~'), "the token is malformed"),
                new Bad("two tokens in one", good + "." + good, "the token is malformed"),
                new Bad(
                        "too long",
                        MINT.token(c -> c.claim("x", "x".repeat(7000))),
                        "the token is malformed"),
                new Bad("no JSON", "e30x." + good.substring(good.indexOf('.') + 1), notAllowed),
                new Bad("alg none", new PlainJWT(claims).serialize(), notAllowed),
                new Bad(
                        "alg none with a signature",
                        Base64.getUrlEncoder()
                                        .withoutPadding()
                                        .encodeToString("{\"alg\":\"none\"}".getBytes(UTF_8))
                                + good.substring(good.indexOf('.')),
                        notAllowed),
                new Bad(
                        "HS256 with the public key",
                        hs256(claims, MINT.key().toRSAKey().toRSAPublicKey().getEncoded()),
                        notAllowed),
                new Bad(
                        "HS256 with the JWK",
                        hs256(claims, MINT.key().toPublicJWK().toJSONString().getBytes(UTF_8)),
                        notAllowed),
                new Bad(
                        "another type",
                        MINT.tokenWith(h -> h.type(new JOSEObjectType("dpop+jwt"))),
                        notAllowed),
                new Bad("an unknown key", OTHER.token(), "the token is signed with an unknown key"),
                new Bad(
                        "a wrong key with a known name",
                        new JwtMint(JWSAlgorithm.RS256, renamed(), null).token(),
                        "the token does not verify"),
                new Bad(
                        "a wrong key and no name",
                        OTHER.tokenWith(h -> h.keyID(null)),
                        "the token does not verify"),
                new Bad(
                        "another signature",
                        good.substring(0, good.lastIndexOf('.'))
                                + MINT.token(c -> c.subject("bob"))
                                        .substring(
                                                MINT.token(c -> c.subject("bob")).lastIndexOf('.')),
                        "the token does not verify"),
                new Bad(
                        "its own key",
                        OTHER.tokenWith(
                                h -> h.keyID(MINT.key().getKeyID()).jwk(OTHER.key().toPublicJWK())),
                        "the token does not verify"),
                new Bad(
                        "expired",
                        MINT.token(c -> c.expirationTime(Date.from(now.minusSeconds(40)))),
                        "the token has expired"),
                new Bad("no expiry", MINT.token(c -> c.expirationTime(null)), notForUs),
                new Bad(
                        "not yet valid",
                        MINT.token(c -> c.notBeforeTime(Date.from(now.plusSeconds(90)))),
                        notForUs),
                new Bad(
                        "another issuer",
                        MINT.token(c -> c.issuer("https://evil.example")),
                        notForUs),
                new Bad("no issuer", MINT.token(c -> c.issuer(null)), notForUs),
                new Bad("another audience", MINT.token(c -> c.audience("evil.example")), notForUs),
                new Bad("no audience", MINT.token(c -> c.audience((String) null)), notForUs),
                new Bad("no tenant", MINT.token(c -> c.subject(null)), noTenant),
                new Bad("an empty tenant", MINT.token(c -> c.subject("")), noTenant),
                new Bad("a tenant with spaces", MINT.token(c -> c.subject("a b")), noTenant),
                new Bad("a long tenant", MINT.token(c -> c.subject("a".repeat(257))), noTenant));
    }

    private static com.nimbusds.jose.jwk.JWK renamed() {
        return new com.nimbusds.jose.jwk.RSAKey.Builder(OTHER.key().toRSAKey())
                .keyID(MINT.key().getKeyID())
                .build();
    }

    private static String hs256(JWTClaimsSet claims, byte[] secret) throws Exception {
        var header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(MINT.key().getKeyID()).build();
        var token = new SignedJWT(header, claims);
        token.sign(new MACSigner(secret));
        return token.serialize();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesABadToken(Bad bad) throws Exception {
        var refusal = refused(gate, tcp(bearer(bad.token())));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.fields().all("proxy-authenticate"))
                .containsExactly(
                        BARE
                                + ", error=\"invalid_token\", error_description=\""
                                + bad.sentence()
                                + "\"");
    }

    @Test
    void refusesAnAlgorithmThatIsNotListed() throws Exception {
        var rules =
                new JwtRules(
                        Optional.empty(),
                        Set.of(JwtMint.AUDIENCE),
                        Set.of(JwtAlgorithm.PS256),
                        "sub",
                        Duration.ZERO);

        assertThat(refused(gate(rules, JwtKeys.of(keys(MINT))), tcp(bearer(MINT.token()))).status())
                .isEqualTo(407);
    }

    @DisplayName("RFC 6750, section 3.1: more than one token is 400")
    @Test
    void refusesTwoDifferentTokens() throws Exception {
        var fields = bearer(MINT.token()).with("proxy-authorization", "Bearer " + OTHER.token());

        assertThat(refused(gate, tcp(fields)).status()).isEqualTo(400);
    }

    @Test
    void asksTheIssuerForAKeyThatIsNotKnown() throws Exception {
        var source =
                new JwtKeys() {
                    @Override
                    public KeySet current() {
                        return keys(MINT);
                    }

                    @Override
                    public Mono<KeySet> newer() {
                        return Mono.just(keys(OTHER)).delayElement(Duration.ofMillis(20));
                    }
                };

        tenant(gate(RULES, source), MINT.token());
        tenant(gate(RULES, source), OTHER.token());
    }

    @Test
    void isOverloadedWhileNoKeysCanBeHad() throws Exception {
        var refusal =
                refused(gate(RULES, JwtKeys.of(new KeySet(List.of()))), tcp(bearer(MINT.token())));

        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.fields().contains("proxy-authenticate")).isFalse();
    }

    @Test
    void triesABoundedNumberOfKeysForATokenThatNamesNone() throws Exception {
        var many = new java.util.ArrayList<com.nimbusds.jose.jwk.JWK>();
        for (int i = 0; i < 8; i++) {
            many.add(JwtMint.of("ES256").key());
        }
        var last = JwtMint.of("ES256");
        many.add(last.key());
        var gate = gate(RULES, JwtKeys.of(KeySet.parse(new JWKSet(many).toString())));

        tenant(gate, last.token());
        refused(gate, tcp(bearer(last.tokenWith(header -> header.keyID(null)))));
    }

    @Test
    void keepsTheChallengesOfOtherSchemesAsTheyAre() throws Exception {
        var mint = GateQuestions.MINT;
        var spent = new InMemorySpentTokens(3, mint.windows::isLive);
        var schemes =
                List.<Scheme>of(
                        new JwtScheme(
                                "relay", RULES, JwtKeys.of(keys(MINT)), InstantSource.system()),
                        new PrivateTokenScheme(
                                mint.windows, mint.issuers(), spent, mint.challenging()));
        var both =
                new SpringGate(
                        new GateRules(
                                        schemes,
                                        Admit.parse(List.of("jwt", "token")),
                                        ProxyChallenge.CONNECT)
                                .chain(ServerHttpSecurity.http(), List.of()));

        var challenges = refused(both, tcp(bearer("x"))).fields().all("proxy-authenticate");

        assertThat(challenges).hasSize(2);
        assertThat(challenges.getFirst()).contains("error=\"invalid_token\"");
        assertThat(challenges.getLast()).startsWith("PrivateToken ").doesNotContain("error");
    }
}
