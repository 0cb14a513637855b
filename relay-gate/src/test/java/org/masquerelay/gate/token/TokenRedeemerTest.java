package org.masquerelay.gate.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.CredentialsRefusedException;
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
        assertThat(threads.getLast()).isNotEqualTo(Thread.currentThread());
    }

    // The loops need the other half.
    @Test
    void verifiesElsewhereOnHalfOfTheProcessorsAtMost() throws Exception {
        int tokens = 4 * Runtime.getRuntime().availableProcessors();
        var challenge = challenge(TokenType.VOPRF);
        var key = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
        var redeemer = redeemer(challenge, key, tokens);
        var presented = new ArrayList<PrivateTokenAuthentication>();
        for (int i = 0; i < tokens; i++) {
            presented.add(presented(challenge, key));
        }

        var redeemed = Flux.fromIterable(presented).flatMap(redeemer::authenticate, tokens);

        assertThat(redeemed.count().block()).isEqualTo(tokens);
        assertThat(Set.copyOf(threads))
                .hasSizeLessThanOrEqualTo(
                        Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    @Test
    void letsNoTokenWaitBehindTooManyVerifications() throws Exception {
        assertThatExceptionOfType(CredentialsRefusedException.class)
                .isThrownBy(() -> redeem(TokenType.VOPRF, 0))
                .withMessageContaining("no more tokens can be redeemed now");
        assertThat(redeem(TokenType.VOPRF, 1)).isTrue();
        assertThat(redeem(TokenType.BLIND_RSA, 0)).isTrue();
    }

    private boolean redeem(TokenType type, int underWay) throws Exception {
        var challenge = challenge(type);
        var key = IssuerKeyPair.generate(type, RANDOM);
        var redeemed =
                redeemer(challenge, key, underWay).authenticate(presented(challenge, key)).block();
        return redeemed != null && redeemed.isAuthenticated();
    }

    private TokenRedeemer redeemer(TokenChallenge challenge, IssuerKeyPair key, int underWay) {
        var live = LiveChallenges.only(challenge);
        LiveChallenges observed =
                digest -> {
                    threads.add(Thread.currentThread());
                    return live.asked(digest);
                };
        var issuer = TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()));
        return new TokenRedeemer(
                new TrustedIssuers(observed, List.of(issuer)),
                new InMemorySpentTokens(Math.max(1, underWay), _ -> true),
                underWay);
    }

    private static TokenChallenge challenge(TokenType type) {
        return TokenChallenge.of(type, "issuer.example", ImmutableBytes.EMPTY, List.of());
    }

    private static PrivateTokenAuthentication presented(TokenChallenge challenge, IssuerKeyPair key)
            throws Exception {
        return new PrivateTokenAuthentication(new Redemption(token(challenge, key)));
    }

    private static Token token(TokenChallenge challenge, IssuerKeyPair key) throws Exception {
        var pending = PendingToken.start(challenge, key.publicKey(), RANDOM);
        var message = ImmutableBytes.copyOfRange(pending.request(), 3, pending.request().length);
        return pending.finish(key.blindSign(message, RANDOM).serialise());
    }
}
