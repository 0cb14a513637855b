package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.masquerelay.gate.GateQuestions.MINT;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import reactor.core.publisher.Mono;

/// Several schemes, alone and together.
final class AdmitTest {
    private final SpentTokenStore spent = new InMemorySpentTokens(100, MINT.windows::isLive);

    /// Believes whoever says a name, but for `nobody`: `Authorization: <scheme> <name>`.
    private record Trusting(String name) implements Scheme {
        @Override
        public ServerAuthenticationConverter converter() {
            return exchange ->
                    Mono.justOrEmpty(CredentialFields.values(exchange, name).findFirst())
                            .map(claimed ->
                                    (Authentication) new TestingAuthenticationToken(claimed, ""));
        }

        @Override
        public ReactiveAuthenticationManager manager() {
            return presented ->
                    presented.getName().equals("nobody")
                            ? Mono.error(
                                    new CredentialsRefusedException(Why.challenge("not nobody")))
                            : Mono.just(
                                    TunnelAuthentication.of(name, new Tenant(presented.getName())));
        }

        @Override
        public List<String> challenges() {
            return List.of(name + " realm=\"test\"");
        }
    }

    /// Has no challenge.
    private record Silent(String name, Why missing) implements Scheme {
        @Override
        public ServerAuthenticationConverter converter() {
            return _ -> Mono.empty();
        }

        @Override
        public ReactiveAuthenticationManager manager() {
            return _ -> Mono.error(new AssertionError("never asked"));
        }
    }

    private Gate gate(String... admit) {
        var token = new PrivateTokenScheme(MINT.windows, MINT.issuers(), spent, MINT.challenging());
        return gate(List.of(new Trusting("one"), new Trusting("two"), token), admit);
    }

    private static Gate gate(List<Scheme> schemes, String... admit) {
        var rules = new GateRules(schemes, Admit.parse(List.of(admit)), ProxyChallenge.CONNECT);
        return new SpringGate(rules.chain(ServerHttpSecurity.http(), List.of()));
    }

    /// What it is asked fails.
    private record Broken(String name) implements Scheme {
        @Override
        public ServerAuthenticationConverter converter() {
            return _ -> Mono.error(new UnsupportedOperationException("authorization: secret"));
        }

        @Override
        public ReactiveAuthenticationManager manager() {
            return _ -> Mono.error(new AssertionError("never asked"));
        }
    }

    @Test
    void namesTheTunnelAndNothingElseInTheLogWhenARuleFails() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(PendingDecision.class);
        var log = new ListAppender<ILoggingEvent>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
        try {
            var refusal = refused(gate(List.of(new Broken("one")), "one"), tcp(one("alice")));
            assertThat(refusal.tag()).isEqualTo("internal");
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).hasSize(1);
        assertThat(log.list.getFirst().getFormattedMessage())
                .isEqualTo(
                        "A rule for tunnel requests failed:"
                                + " java.lang.UnsupportedOperationException");
        assertThat(log.list.getFirst().getKeyValuePairs())
                .singleElement()
                .asString()
                .matches("tunnel\\.id=\"[0-9a-f]{16}\"");
    }

    private static HeaderFields one(String name) {
        return HeaderFields.of("authorization", "One " + name);
    }

    private static HeaderFields two(String name) {
        return HeaderFields.of("proxy-authorization", "two " + name);
    }

    @Test
    void admitsByAnyAlternative() throws Exception {
        var gate = gate("one", "token");

        assertThat(admitted(gate, tcp(one("alice"))).tenant()).contains(new Tenant("alice"));
        assertThat(admitted(gate, tcp(TokenMint.authorization(MINT.token()))).tenant()).isEmpty();
    }

    @Test
    void asksForAllSchemesOfAnAlternative() throws Exception {
        var gate = gate("one+token");
        var token = MINT.token();

        assertThat(refused(gate, tcp(one("alice"))).status()).isEqualTo(407);
        assertThat(refused(gate, tcp(TokenMint.authorization(token))).status()).isEqualTo(407);
        // The token that was not enough is not spent.
        var both =
                one("alice")
                        .with(
                                "proxy-authorization",
                                TokenMint.authorization(token)
                                        .first("authorization")
                                        .orElseThrow());
        assertThat(admitted(gate, tcp(both)).tenant()).contains(new Tenant("alice"));
    }

    @Test
    void namesTheTenantOfTheFirstScheme() throws Exception {
        var fields = one("alice").with("proxy-authorization", "two bob");

        assertThat(admitted(gate("one+two"), tcp(fields)).tenant()).contains(new Tenant("alice"));
    }

    @Test
    void challengesWithEverySchemeInForce() throws Exception {
        var refusal = refused(gate("one+two", "token"), tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.fields().all("proxy-authenticate"))
                .hasSize(3)
                .satisfiesExactly(
                        value -> assertThat(value).isEqualTo("one realm=\"test\""),
                        value -> assertThat(value).isEqualTo("two realm=\"test\""),
                        value -> assertThat(value).startsWith("PrivateToken "));
        assertThat(refusal.fields().contains("www-authenticate")).isFalse();
    }

    @Test
    void challengesATemplatedRequestAsAnOrigin() throws Exception {
        var request =
                FakeExchange.udp(
                        GateQuestions.LOOP,
                        HeaderFields.NONE,
                        "/.well-known/masque/udp/target.example/443/");

        var refusal = refused(gate("one"), request);

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.fields().all("www-authenticate")).containsExactly("one realm=\"test\"");
    }

    @Test
    void refusesBadCredentialsBesideGoodOnes() throws Exception {
        var fields = one("alice").with("proxy-authorization", "two nobody");

        assertThat(refused(gate("one", "two"), tcp(fields)).status()).isEqualTo(407);
    }

    @Test
    void doesNotLookAtSchemesThatAreNotInForce() throws Exception {
        assertThat(refused(gate("one"), tcp(two("bob"))).status()).isEqualTo(407);
        admitted(gate("one"), tcp(one("alice").with("proxy-authorization", "two nobody")));
    }

    @Test
    void answersAsTheSchemeSaysWhereThereIsNoChallenge() throws Exception {
        var silent = new Silent("silent", new Why(RefusalReason.NOT_FOUND, "no such resource"));

        var refusal = refused(gate(List.of(silent), "silent"), tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(404);
        assertThat(refusal.fields().contains("www-authenticate")).isFalse();
        assertThat(refusal.fields().contains("proxy-authenticate")).isFalse();
    }

    @Test
    void readsAlternatives() {
        assertThat(Admit.parse(List.of("token", "mtls + token")).alternatives())
                .containsExactly(Set.of("token"), Set.of("mtls", "token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "token+", "a++b"})
    void refusesAlternativesWithoutAName(String text) {
        assertThatThrownBy(() -> Admit.parse(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names of schemes");
    }
}
