package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.GateQuestions.LOOP;
import static org.masquerelay.gate.GateQuestions.MINT;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.chain;
import static org.masquerelay.gate.GateQuestions.customized;
import static org.masquerelay.gate.GateQuestions.decide;
import static org.masquerelay.gate.GateQuestions.decidesAtOnce;
import static org.masquerelay.gate.GateQuestions.gate;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.GateQuestions.Settled;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.tunnel.HeaderFields;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.MatcherSecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// What the gate makes of rules and stores: of operators, broken ones, slow ones.
final class SpringGateRulesTest {
    private static final String UDP_PATH = "/.well-known/masque/udp/target.example/443/";

    private final SpentTokenStore spent = new InMemorySpentTokens(3, MINT.windows::isLive);
    private final Gate gate = gate(spent, ProxyChallenge.IN_KIND);

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
                customized(
                        spent,
                        http ->
                                http.addFilterAt(
                                        (_, _) -> Mono.error(new IllegalStateException("broken")),
                                        SecurityWebFiltersOrder.LAST));
        var fields = TokenMint.authorization(MINT.token());

        assertThat(refused(failing, tcp(fields)).status()).isEqualTo(500);
        admitted(gate, tcp(fields));
    }

    @Test
    void refusesWhenARuleThrows() throws Exception {
        var failing =
                customized(
                        spent,
                        http ->
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
                customized(
                        spent,
                        http ->
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
                        ProxyChallenge.IN_KIND,
                        List.of(http ->
                                http.addFilterAt(
                                        (_, _) -> Mono.never(), SecurityWebFiltersOrder.LAST)));
        var stuck = new SpringGate(chain, Duration.ofMillis(20));
        var fields = TokenMint.authorization(MINT.token());

        assertThat(refused(stuck, tcp(fields)).status()).isEqualTo(503);
        admitted(gate, tcp(fields));
    }

    /// Remembers what it was to do later.
    private static final class TimersLoop extends DefaultEventLoop {
        private final List<ScheduledFuture<?>> timers = new CopyOnWriteArrayList<>();

        TimersLoop() {
            super(new DefaultThreadFactory("timers", true));
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            var timer = super.schedule(task, delay, unit);
            timers.add(timer);
            return timer;
        }
    }

    @Test
    void keepsNoTimerOfARequestThatIsDecided() throws Exception {
        var hopping =
                customized(
                        spent,
                        http ->
                                http.addFilterAt(
                                        (exchange, chain) ->
                                                chain.filter(exchange)
                                                        .subscribeOn(Schedulers.parallel()),
                                        SecurityWebFiltersOrder.LAST));
        var loop = new TimersLoop();
        try {
            for (var fields : List.of(TokenMint.authorization(MINT.token()), HeaderFields.NONE)) {
                var decision = new CompletableFuture<Decision>();
                var exchange = FakeExchange.tcp(loop, fields);
                loop.execute(() -> hopping.decide(exchange, decision::complete));
                decision.get(10, TimeUnit.SECONDS);
            }

            assertThat(loop.timers)
                    .isNotEmpty()
                    .allSatisfy(timer -> assertThat(timer.isCancelled()).isTrue());
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    // As the ways to authenticate that Spring has do.
    @Test
    void letsOperatorsLookForAFieldThatIsNotThere() throws Exception {
        var looking =
                customized(
                        spent,
                        http ->
                                http.addFilterAt(
                                        (exchange, chain) -> {
                                            var headers = exchange.getRequest().getHeaders();
                                            assertThat(headers.getFirst("authorization")).isNull();
                                            return chain.filter(exchange);
                                        },
                                        SecurityWebFiltersOrder.HTTP_BASIC));

        assertThat(refused(looking, tcp(HeaderFields.NONE)).status()).isEqualTo(401);
    }

    @Test
    void letsOperatorsForbidByTarget() throws Exception {
        var forbidding =
                customized(
                        spent,
                        http ->
                                http.authorizeExchange(
                                        rules -> rules.pathMatchers(UDP_PATH).denyAll()));
        var fields = TokenMint.authorization(MINT.token());

        var refusal = refused(forbidding, FakeExchange.udp(LOOP, fields, UDP_PATH));
        assertThat(refusal.status()).isEqualTo(403);
        assertThat(refusal.tag()).isEqualTo("forbidden");
        admitted(forbidding, tcp(fields));
    }

    @Test
    void passesOnTheFieldsOfAnOperatorsRefusal() throws Exception {
        var limiting =
                customized(
                        spent,
                        http ->
                                http.addFilterAt(
                                        (exchange, _) -> {
                                            exchange.getResponse()
                                                    .setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
                                            exchange.getResponse()
                                                    .getHeaders()
                                                    .set("Retry-After", "7");
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
                customized(
                        spent,
                        http ->
                                http.addFilterAt(
                                        (exchange, chain) ->
                                                chain.filter(exchange)
                                                        .subscribeOn(Schedulers.parallel()),
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
        var answered =
                decide(
                        gate(_ -> asked, ProxyChallenge.IN_KIND),
                        tcp(TokenMint.authorization(MINT.token())));
        assertThat(answered).isNotDone();

        asked.complete(new Settled());

        assertThat(answered.get(5, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    }

    @Test
    void givesBackWhatAStoreReservesAfterTheRefusal() throws Exception {
        var asked = new CompletableFuture<SpentTokenStore.Reservation>();
        var impatient =
                new SpringGate(
                        chain(MINT, _ -> asked, ProxyChallenge.IN_KIND, List.of()),
                        Duration.ofMillis(20));
        assertThat(refused(impatient, tcp(TokenMint.authorization(MINT.token()))).status())
                .isEqualTo(503);
        var late = new Settled();

        asked.complete(late);

        assertThat(late.isReleased()).isTrue();
    }

    @Test
    void keepsATokenThatIsSpentTheMomentItsStoreAnswers() throws Exception {
        var asked = new CompletableFuture<SpentTokenStore.Reservation>();
        var fields = TokenMint.authorization(MINT.token());
        var settled = new Settled();
        var spent = new CompletableFuture<Void>();
        LOOP.submit(() ->
                        gate(_ -> asked, ProxyChallenge.IN_KIND)
                                .decide(
                                        tcp(fields),
                                        decision -> {
                                            ((Decision.Admitted) decision).admission().spend();
                                            spent.complete(null);
                                        }))
                .get();

        // The decision falls within this call, as it does on a thread of the store at times.
        LOOP.submit(() -> asked.complete(settled)).get();

        assertThat(spent).isCompleted();
        assertThat(settled.isReleased()).isFalse();
    }

    @Test
    void refusesWhenTheStoreFails() throws Exception {
        CompletionStage<SpentTokenStore.Reservation> failed =
                CompletableFuture.failedFuture(new IllegalStateException("no connection"));

        var refusal =
                refused(
                        gate(_ -> failed, ProxyChallenge.IN_KIND),
                        tcp(TokenMint.authorization(MINT.token())));

        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.fields().first("retry-after")).isPresent();
    }
}
