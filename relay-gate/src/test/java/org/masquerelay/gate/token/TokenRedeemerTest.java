package org.masquerelay.gate.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.SecureRandom;
import java.util.List;
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

    private boolean redeem(TokenType type, int underWay) throws Exception {
        var key = IssuerKeyPair.generate(type, RANDOM);
        var challenge = TokenChallenge.of(type, "issuer.example", ImmutableBytes.EMPTY, List.of());
        var live = LiveChallenges.only(challenge);
        LiveChallenges observed =
                digest -> {
                    threads.add(Thread.currentThread());
                    return live.asked(digest);
                };
        var issuers =
                new TrustedIssuers(
                        observed,
                        List.of(TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()))));
        var redeemer = new TokenRedeemer(issuers, new InMemorySpentTokens(1, _ -> true), underWay);
        var presented = new PrivateTokenAuthentication(new Redemption(token(challenge, key)));
        var redeemed = redeemer.authenticate(presented).block();
        return redeemed != null && redeemed.isAuthenticated();
    }

    private static Token token(TokenChallenge challenge, IssuerKeyPair key) throws Exception {
        var pending = PendingToken.start(challenge, key.publicKey(), RANDOM);
        var message = ImmutableBytes.copyOfRange(pending.request(), 3, pending.request().length);
        return pending.finish(key.blindSign(message, RANDOM).serialise());
    }
}
