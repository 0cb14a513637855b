package org.masquerelay.gate.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.token.TokenRedeemer.Elsewhere;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.LiveChallenges;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.TrustedIssuers;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.PendingToken;
import reactor.core.publisher.Flux;

final class TokenRedeemerTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Where tokens were verified.
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    // The tunnels of an event loop would feel it.
    @Test
    void verifiesInPlaceOnlyWhatIsQuickToVerify() throws Exception {
        redeem(TokenType.BLIND_RSA, 1);
        redeem(TokenType.VOPRF, 1);

        assertThat(threads).hasSize(2).startsWith(Thread.currentThread());
        assertThat(threads.getLast().isVirtual()).isTrue();
    }

    @Test
    void letsNoTokenWaitBehindTooManyVerifications() throws Exception {
        assertThatExceptionOfType(CredentialsRefusedException.class)
                .isThrownBy(() -> redeem(TokenType.VOPRF, 0))
                .withMessageContaining("no more tokens can be redeemed now");
        assertThat(redeem(TokenType.VOPRF, 1)).isTrue();
        assertThat(redeem(TokenType.BLIND_RSA, 0)).isTrue();
    }

    // They would take the processors of the event loops.
    @Test
    void verifiesNoMoreAtATimeThanItMay() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var key = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
        var challenge =
                TokenChallenge.of(
                        TokenType.VOPRF, "issuer.example", ImmutableBytes.EMPTY, List.of());
        var live = LiveChallenges.only(challenge);
        LiveChallenges slow =
                digest -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos()); // Lets others in.
                    inside.decrementAndGet();
                    return live.asked(digest);
                };
        var redeemer = redeemer(slow, key, new Elsewhere(8, 1));
        var token = token(challenge, key);

        var outcomes =
                Flux.range(0, 8)
                        .flatMap(_ ->
                                redeemer.authenticate(
                                                new PrivateTokenAuthentication(
                                                        new Redemption(token)))
                                        .map(_ -> true)
                                        .onErrorReturn(false))
                        .collectList()
                        .block(Duration.ofSeconds(30));

        assertThat(outcomes).hasSize(8).containsOnlyOnce(true);
        assertThat(most).hasValue(1);
    }

    private boolean redeem(TokenType type, int underWay) throws Exception {
        var key = IssuerKeyPair.generate(type, RANDOM);
        var challenge = TokenChallenge.of(type, "issuer.example", ImmutableBytes.EMPTY, List.of());
        var live = LiveChallenges.only(challenge);
        LiveChallenges observed =
                digest -> {
                    threads.add(Thread.currentThread());
                    return live.asked(digest);
                };
        var redeemer = redeemer(observed, key, new Elsewhere(underWay, 1));
        var presented = new PrivateTokenAuthentication(new Redemption(token(challenge, key)));
        var redeemed = redeemer.authenticate(presented).block();
        return redeemed != null && redeemed.isAuthenticated();
    }

    private static TokenRedeemer redeemer(
            LiveChallenges live, IssuerKeyPair key, Elsewhere elsewhere) {
        var issuer = TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()));
        return new TokenRedeemer(
                new TrustedIssuers(live, List.of(issuer)),
                new InMemorySpentTokens(1, _ -> true),
                elsewhere);
    }

    private static Token token(TokenChallenge challenge, IssuerKeyPair key) throws Exception {
        var pending = PendingToken.start(challenge, key.publicKey(), RANDOM);
        var message = ImmutableBytes.copyOfRange(pending.request(), 3, pending.request().length);
        return pending.finish(key.blindSign(message, RANDOM).serialise());
    }
}
