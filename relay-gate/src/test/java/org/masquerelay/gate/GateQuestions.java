package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// Asks a gate about requests as a listener would, on an event loop.
final class GateQuestions {
    static final TokenMint MINT = new TokenMint();

    /// Its thread ends with the JVM of the tests.
    static final EventLoop LOOP = new DefaultEventLoop(new DefaultThreadFactory("gate", true));

    private GateQuestions() {}

    static Gate customized(SpentTokenStore store, ConnectSecurityCustomizer customizer) {
        return new SpringGate(chain(MINT, store, ProxyChallenge.NEVER, List.of(customizer)));
    }

    static Gate gate(SpentTokenStore store, ProxyChallenge proxyChallenge) {
        return new SpringGate(chain(MINT, store, proxyChallenge, List.of()));
    }

    static ConnectSecurityChain chain(
            TokenMint mint,
            SpentTokenStore store,
            ProxyChallenge proxyChallenge,
            List<ConnectSecurityCustomizer> customizers) {
        var token = new PrivateTokenScheme(mint.windows, mint.issuers(), store, mint.challenging());
        return new GateRules(List.of(token), Admit.parse(List.of(token.name())), proxyChallenge)
                .chain(ServerHttpSecurity.http(), customizers);
    }

    static FakeExchange tcp(HeaderFields fields) {
        return FakeExchange.tcp(LOOP, fields);
    }

    static String challenge(Refusal refusal) {
        return refusal.fields().first("www-authenticate").orElseThrow();
    }

    static Admission admitted(Gate asked, FakeExchange exchange) throws Exception {
        var decision = decide(asked, exchange).get(5, TimeUnit.SECONDS);
        assertThat(decision).isInstanceOf(Decision.Admitted.class);
        return ((Decision.Admitted) decision).admission();
    }

    static Refusal refused(Gate asked, FakeExchange exchange) throws Exception {
        var decision = decide(asked, exchange).get(5, TimeUnit.SECONDS);
        assertThat(decision).isInstanceOf(Decision.Refused.class);
        return ((Decision.Refused) decision).refusal();
    }

    /// The first decision; a second one, or one off the loop, fails the loop's turn after it.
    static CompletableFuture<Decision> decide(Gate asked, FakeExchange exchange) {
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

    static boolean decidesAtOnce(Gate asked, FakeExchange exchange) throws Exception {
        return LOOP.submit(
                        () -> {
                            var decided = new AtomicBoolean();
                            asked.decide(exchange, _ -> decided.set(true));
                            return decided.get();
                        })
                .get();
    }

    /// A reservation that remembers what became of it.
    static final class Settled implements SpentTokenStore.Reserved {
        private boolean released;

        boolean isReleased() {
            return released;
        }

        @Override
        public void commit() {}

        @Override
        public void release() {
            released = true;
        }
    }
}
