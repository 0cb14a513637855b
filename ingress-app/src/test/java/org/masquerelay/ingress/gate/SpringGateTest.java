package org.masquerelay.ingress.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.Token;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.MatcherSecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

final class SpringGateTest {
    private static final String UDP_PATH = "/.well-known/masque/udp/target.example/443/";
    private static final TokenMint MINT = new TokenMint();
    private static final EventLoop LOOP = new DefaultEventLoop();

    private final SpentTokenStore spent = new InMemorySpentTokens(3, MINT.windows::isLive);
    private final Gate gate = gate(spent, true);

    @AfterAll
    static void stopTheLoop() throws Exception {
        LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS).get();
    }

    @Test
    void challengesARequestWithoutAToken() throws Exception {
        var refusal = refused(tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.tag()).isEqualTo("unauthenticated");
        assertThat(refusal.fields().all("www-authenticate"))
                .singleElement()
                .asString()
                .matches("PrivateToken challenge=\"[^\"]+\", token-key=\"[^\"]+\", max-age=\\d+");
        admitted(tcp(TokenMint.authorization(MINT.answer(challenge(refusal)))));
    }

    @Test
    void admitsATokenFromAuthorization() throws Exception {
        var exchange = tcp(TokenMint.authorization(MINT.token()));

        assertThat(admitted(exchange).request()).isSameAs(exchange.request());
    }

    @Test
    void admitsATokenFromProxyAuthorization() throws Exception {
        admitted(tcp(TokenMint.proxyAuthorization(MINT.token())));
    }

    @Test
    void admitsATokenBesideCredentialsOfAnotherScheme() throws Exception {
        var token = TokenMint.proxyAuthorization(MINT.token());
        admitted(tcp(token.with("authorization", "Basic dTpw")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                UDP_PATH,
                "/.well-known/masque/udp/2001%3Adb8%3A%3A1/443/",
                "/.well-known/masque/udp/192%2E0%2E2%2E1/443/",
                "/.well-known/masque/udp/fe80%3A%3A1%25eth0/443/",
                "/.well-known/masque/ip/192.0.2.0%2F24/17/",
                "/.well-known/masque/udp/*/*/",
                "/v1/proxy?h=2001%3Adb8%3A%3A1&p=443"
            })
    void admitsEveryFormOfTarget(String path) throws Exception {
        admitted(FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a//b/", "/a/../b/", "/a;b=c/", "/a%00/", "/a/%2e%2e/b%5c/"})
    void refusesPathsThatAreReadInTwoWays(String path) throws Exception {
        var exchange = FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), path);

        assertThat(refused(exchange).status()).isEqualTo(400);
    }

    @Test
    void refusesAPathThatIsNoUri() throws Exception {
        var exchange = FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), "/a b/%zz");

        assertThat(refused(exchange).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PrivateToken",
                "PrivateToken token=",
                "PrivateToken token=\"AAI=\"",
                "PrivateToken token=\"!!!\"",
                "privatetoken nothing=x",
                "PrivateToken token=\"AAIAAAAA\", token=\"AAIAAAAA\""
            })
    void challengesAMalformedToken(String value) throws Exception {
        var refusal = refused(tcp(HeaderFields.of("authorization", value)));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(challenge(refusal)).startsWith("PrivateToken ");
    }

    @Test
    void challengesOtherSchemes() throws Exception {
        assertThat(refused(tcp(HeaderFields.of("authorization", "Bearer x"))).status())
                .isEqualTo(401);
    }

    @Test
    void challengesAStaleToken() throws Exception {
        var mint = new TokenMint();
        var store = new InMemorySpentTokens(3, mint.windows::isLive);
        var staleGate = new SpringGate(chain(mint, store, true, List.of()));
        var token = mint.token();
        mint.now.updateAndGet(now -> now.plus(TokenMint.WINDOW).plus(TokenMint.GRACE));

        var refusal = refused(staleGate, tcp(TokenMint.authorization(token)));

        assertThat(refusal.status()).isEqualTo(401);
        admitted(staleGate, tcp(TokenMint.authorization(mint.answer(challenge(refusal)))));
    }

    @Test
    void forbidsATokenThatDoesNotVerify() throws Exception {
        var stranger = IssuerKeyPair.generate(new java.security.SecureRandom());
        var genuine = MINT.token();
        var foreign = TokenMint.token(MINT.windows.current(), stranger);
        var forged =
                new Token(
                        genuine.nonce(),
                        genuine.challengeDigest(),
                        genuine.tokenKeyId(),
                        foreign.authenticator());

        for (var token : List.of(foreign, forged)) {
            var refusal = refused(tcp(TokenMint.authorization(token)));
            assertThat(refusal.status()).isEqualTo(403);
            assertThat(refusal.tag()).isEqualTo("credentials_refused");
            assertThat(refusal.fields().contains("www-authenticate")).isFalse();
        }
        admitted(tcp(TokenMint.authorization(genuine)));
    }

    @Test
    void challengesASpentToken() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(tcp(fields)).spend();

        assertThat(refused(tcp(fields)).status()).isEqualTo(401);
    }

    @Test
    void letsOneOfTwoDuplicatesPassWhileNeitherIsSettled() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(tcp(fields));

        assertThat(refused(tcp(fields)).status()).isEqualTo(401);
    }

    @Test
    void admitsATokenAgainThatWasGivenBack() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(tcp(fields)).giveBack();

        admitted(tcp(fields));
    }

    @Test
    void refusesAsOverloadedWhenNoMoreTokensCanBeRemembered() throws Exception {
        for (int i = 0; i < 3; i++) {
            admitted(tcp(TokenMint.authorization(MINT.token())));
        }
        var refusal = refused(tcp(TokenMint.authorization(MINT.token())));

        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.tag()).isEqualTo(RefusalReason.OVERLOADED.tag());
    }

    @Test
    void answersProxyAuthorizationInKind() throws Exception {
        var refusal = refused(tcp(HeaderFields.of("proxy-authorization", "Basic dTpw")));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.tag()).isEqualTo("proxy_unauthenticated");
        assertThat(refusal.fields().contains("www-authenticate")).isFalse();
        assertThat(refusal.fields().first("proxy-authenticate").orElseThrow())
                .startsWith("PrivateToken ");
    }

    @Test
    void answersProxyAuthorizationWith401WhenToldTo() throws Exception {
        var refusal =
                refused(
                        gate(spent, false),
                        tcp(HeaderFields.of("proxy-authorization", "Basic dTpw")));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.fields().contains("www-authenticate")).isTrue();
    }

    @Test
    void refusesWhenNoChainMatches() throws Exception {
        var nothing =
                new MatcherSecurityWebFilterChain(
                        _ -> ServerWebExchangeMatcher.MatchResult.notMatch(),
                        List.of((exchange, chain) -> chain.filter(exchange)));
        var open = new SpringGate(new ConnectSecurityChain(nothing));

        assertThat(refused(open, tcp(HeaderFields.NONE)).status()).isEqualTo(403);
    }

    @Test
    void refusesWhenTheRulesAdmitNobodyInParticular() throws Exception {
        var http = ServerHttpSecurity.http().csrf(ServerHttpSecurity.CsrfSpec::disable);
        http.securityContextRepository(NoOpServerSecurityContextRepository.getInstance());
        http.requestCache(ServerHttpSecurity.RequestCacheSpec::disable);
        http.anonymous(org.springframework.security.config.Customizer.withDefaults());
        http.authorizeExchange(rules -> rules.anyExchange().permitAll());
        var open = new SpringGate(new ConnectSecurityChain(http.build()));

        assertThat(refused(open, tcp(HeaderFields.NONE)).status()).isEqualTo(403);
    }

    @Test
    void refusesWhenARuleFails() throws Exception {
        var failing =
                customized(http ->
                        http.addFilterAt(
                                (_, _) -> Mono.error(new IllegalStateException("broken")),
                                SecurityWebFiltersOrder.LAST));
        var fields = TokenMint.authorization(MINT.token());

        assertThat(refused(failing, tcp(fields)).status()).isEqualTo(500);
        admitted(tcp(fields));
    }

    @Test
    void refusesWhenARuleThrows() throws Exception {
        var failing =
                customized(http ->
                        http.addFilterAt(
                                (_, _) -> {
                                    throw new IllegalStateException("broken");
                                },
                                SecurityWebFiltersOrder.FIRST));

        assertThat(refused(failing, tcp(HeaderFields.NONE)).status()).isEqualTo(500);
    }

    @Test
    void refusesWhenARuleAnswersItself() throws Exception {
        var answering =
                customized(http ->
                        http.addFilterAt(
                                (exchange, _) -> {
                                    exchange.getResponse().setStatusCode(HttpStatus.OK);
                                    return exchange.getResponse().setComplete();
                                },
                                SecurityWebFiltersOrder.FIRST));

        assertThat(refused(answering, tcp(TokenMint.authorization(MINT.token()))).status())
                .isEqualTo(403);
    }

    @Test
    void givesUpOnARuleThatNeverDecides() throws Exception {
        var chain =
                chain(
                        MINT,
                        spent,
                        true,
                        List.of(http ->
                                http.addFilterAt(
                                        (_, _) -> Mono.never(), SecurityWebFiltersOrder.LAST)));
        var stuck = new SpringGate(chain, Duration.ofMillis(20));
        var fields = TokenMint.authorization(MINT.token());

        assertThat(refused(stuck, tcp(fields)).status()).isEqualTo(503);
        admitted(tcp(fields));
    }

    @Test
    void letsOperatorsForbidByTarget() throws Exception {
        var forbidding =
                customized(http ->
                        http.authorizeExchange(rules -> rules.pathMatchers(UDP_PATH).denyAll()));
        var fields = TokenMint.authorization(MINT.token());

        var refusal = refused(forbidding, FakeExchange.udp(LOOP, fields, UDP_PATH));
        assertThat(refusal.status()).isEqualTo(403);
        assertThat(refusal.tag()).isEqualTo("forbidden");
        admitted(forbidding, tcp(fields));
    }

    @Test
    void passesOnTheFieldsOfAnOperatorsRefusal() throws Exception {
        var limiting =
                customized(http ->
                        http.addFilterAt(
                                (exchange, _) -> {
                                    exchange.getResponse()
                                            .setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
                                    exchange.getResponse().getHeaders().set("Retry-After", "7");
                                    exchange.getResponse()
                                            .getHeaders()
                                            .set("Content-Type", "text/plain");
                                    return Mono.empty();
                                },
                                SecurityWebFiltersOrder.LAST));

        var refusal = refused(limiting, tcp(TokenMint.authorization(MINT.token())));

        assertThat(refusal.status()).isEqualTo(429);
        assertThat(refusal.fields()).isEqualTo(HeaderFields.of("retry-after", "7"));
    }

    @Test
    void staysOnTheEventLoopForARuleThatLeavesIt() throws Exception {
        var hopping =
                customized(http ->
                        http.addFilterAt(
                                (exchange, chain) ->
                                        chain.filter(exchange).subscribeOn(Schedulers.parallel()),
                                SecurityWebFiltersOrder.LAST));

        admitted(hopping, tcp(TokenMint.authorization(MINT.token())));
    }

    @Test
    void decidesWithoutAnyThreadHop() throws Exception {
        var hops = new AtomicInteger();
        Schedulers.onScheduleHook(
                "count",
                task -> {
                    hops.incrementAndGet();
                    return task;
                });
        try {
            for (var fields : List.of(HeaderFields.NONE, TokenMint.authorization(MINT.token()))) {
                assertThat(decidesAtOnce(gate, tcp(fields))).isTrue();
            }
        } finally {
            Schedulers.resetOnScheduleHook("count");
        }
        assertThat(hops).hasValue(0);
    }

    @Test
    void waitsForAStoreThatAnswersLaterFromElsewhere() throws Exception {
        var asked = new CompletableFuture<SpentTokenStore.Reservation>();
        var answered = decide(gate(_ -> asked, true), tcp(TokenMint.authorization(MINT.token())));
        assertThat(answered).isNotDone();

        asked.complete(new Settled());

        assertThat(answered.get(5, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    }

    @Test
    void givesBackWhatAStoreReservesAfterTheRefusal() throws Exception {
        var asked = new CompletableFuture<SpentTokenStore.Reservation>();
        var impatient =
                new SpringGate(chain(MINT, _ -> asked, true, List.of()), Duration.ofMillis(20));
        assertThat(refused(impatient, tcp(TokenMint.authorization(MINT.token()))).status())
                .isEqualTo(503);
        var late = new Settled();

        asked.complete(late);

        assertThat(late.released).isTrue();
    }

    @Test
    void refusesWhenTheStoreFails() throws Exception {
        CompletionStage<SpentTokenStore.Reservation> failed =
                CompletableFuture.failedFuture(new IllegalStateException("no connection"));

        var refusal = refused(gate(_ -> failed, true), tcp(TokenMint.authorization(MINT.token())));

        assertThat(refusal.status()).isEqualTo(503);
    }

    private Gate customized(ConnectSecurityCustomizer customizer) {
        return new SpringGate(chain(MINT, spent, true, List.of(customizer)));
    }

    private static Gate gate(SpentTokenStore store, boolean proxyInKind) {
        return new SpringGate(chain(MINT, store, proxyInKind, List.of()));
    }

    private static ConnectSecurityChain chain(
            TokenMint mint,
            SpentTokenStore store,
            boolean proxyInKind,
            List<ConnectSecurityCustomizer> customizers) {
        var answers = new TokenRules.Answers(ParameterStyle.QUOTED, proxyInKind);
        return new TokenRules(mint.windows, List.of(mint.key.publicKey()), store, answers)
                .chain(ServerHttpSecurity.http(), customizers);
    }

    private static FakeExchange tcp(HeaderFields fields) {
        return FakeExchange.tcp(LOOP, fields);
    }

    private static String challenge(Refusal refusal) {
        return refusal.fields().first("www-authenticate").orElseThrow();
    }

    private Admission admitted(FakeExchange exchange) throws Exception {
        return admitted(gate, exchange);
    }

    private static Admission admitted(Gate asked, FakeExchange exchange) throws Exception {
        var decision = decide(asked, exchange).get(5, TimeUnit.SECONDS);
        assertThat(decision).isInstanceOf(Decision.Admitted.class);
        return ((Decision.Admitted) decision).admission();
    }

    private Refusal refused(FakeExchange exchange) throws Exception {
        return refused(gate, exchange);
    }

    private static Refusal refused(Gate asked, FakeExchange exchange) throws Exception {
        var decision = decide(asked, exchange).get(5, TimeUnit.SECONDS);
        assertThat(decision).isInstanceOf(Decision.Refused.class);
        return ((Decision.Refused) decision).refusal();
    }

    /// The first decision; a second one, or one off the loop, fails the loop's turn after it.
    private static CompletableFuture<Decision> decide(Gate asked, FakeExchange exchange) {
        var answer = new CompletableFuture<Decision>();
        var decisions = new ArrayList<Decision>();
        LOOP.execute(() ->
                asked.decide(
                        exchange,
                        decision -> {
                            decisions.add(decision);
                            LOOP.execute(() -> {
                                if (decisions.size() == 1) {
                                    answer.complete(decision);
                                } else {
                                    answer.completeExceptionally(
                                            new AssertionError("decided twice"));
                                }
                            });
                            if (!LOOP.inEventLoop()) {
                                answer.completeExceptionally(
                                        new AssertionError("decided off the loop"));
                            }
                        }));
        return answer;
    }

    private static boolean decidesAtOnce(Gate asked, FakeExchange exchange) throws Exception {
        return LOOP.submit(
                        () -> {
                            var decided = new AtomicBoolean();
                            asked.decide(exchange, _ -> decided.set(true));
                            return decided.get();
                        })
                .get();
    }

    /// A reservation that remembers what became of it.
    private static final class Settled implements SpentTokenStore.Reserved {
        private boolean released;

        @Override
        public void commit() {}

        @Override
        public void release() {
            released = true;
        }
    }
}
