package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.GateQuestions.MINT;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.gate.token.PrivateTokenScheme.Challenging;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.GreasedChallenges;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.TrustedIssuers;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.tunnel.HeaderFields;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// What the gate makes of tokens of both types, from several issuers.
final class TokenTypesTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IssuerKeyPair VOPRF = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
    private static final IssuerKeyPair RSA = IssuerKeyPair.generate(TokenType.BLIND_RSA, RANDOM);
    private static final IssuerKeyPair OTHER = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
    private static final String FIRST = "first.example";
    private static final String SECOND = "second.example";

    private final ChallengeWindows windows =
            new ChallengeWindows(
                    new ChallengeWindows.Plan(
                            List.of(FIRST, SECOND), List.of(), TokenMint.WINDOW, TokenMint.GRACE),
                    ImmutableBytes.copyOf(new byte[32]),
                    MINT.now::get);
    private final TrustedIssuers issuers =
            new TrustedIssuers(
                    windows,
                    List.of(
                            TrustedIssuer.of(
                                    FIRST, List.of(RSA.verifyingKey(), VOPRF.verifyingKey())),
                            TrustedIssuer.of(SECOND, List.of(OTHER.verifyingKey()))));
    private final Gate gate = gate(MINT.challenging());

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void admitsATokenOfEachTypeOnce(TokenType type) throws Exception {
        var token = token(FIRST, type == TokenType.VOPRF ? VOPRF : RSA);

        admitted(gate, tcp(TokenMint.authorization(token))).spend();

        assertThat(refused(gate, tcp(TokenMint.authorization(token))).status()).isEqualTo(401);
    }

    @Test
    void challengesForEveryIssuerAndType() throws Exception {
        var challenges = challenges(gate);

        assertThat(challenges)
                .extracting(challenge -> challenge.type().orElseThrow())
                .containsExactly(TokenType.BLIND_RSA, TokenType.VOPRF, TokenType.VOPRF);
        assertThat(challenges)
                .extracting(challenge -> challenge.tokenChallenge().issuerName())
                .containsExactly(FIRST, FIRST, SECOND);
        assertThat(challenges.getLast().issuerKey()).contains(OTHER.publicKey());
    }

    @Test
    void forbidsATokenOfAnIssuerThatTheChallengeDoesNotName() throws Exception {
        for (var token : List.of(token(FIRST, OTHER), token(SECOND, VOPRF))) {
            assertThat(refused(gate, tcp(TokenMint.authorization(token))).status()).isEqualTo(403);
        }
        admitted(gate, tcp(TokenMint.authorization(token(SECOND, OTHER))));
    }

    @Test
    void takesNewKeysWhileItRuns() throws Exception {
        var next = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
        assertThat(refused(gate, tcp(TokenMint.authorization(token(SECOND, next)))).status())
                .isEqualTo(403);

        var later = MINT.now.get().plusSeconds(1);
        issuers.replace(
                new TrustedIssuer(
                        SECOND,
                        List.of(
                                new TrustedIssuer.Key(next.verifyingKey(), later),
                                new TrustedIssuer.Key(OTHER.verifyingKey(), Instant.EPOCH))));

        admitted(gate, tcp(TokenMint.authorization(token(SECOND, next))));
        admitted(gate, tcp(TokenMint.authorization(token(SECOND, OTHER))));
        assertThat(challenges(gate).getLast().issuerKey()).contains(OTHER.publicKey());
    }

    @Test
    void greasesItsChallengesWhenItIsToldTo() throws Exception {
        var grease = Optional.of(new GreasedChallenges(RANDOM, 1));
        var greasing = gate(new Challenging(ParameterStyle.QUOTED, grease, MINT.now::get));
        var unknown = new HashSet<ImmutableBytes>();
        for (int i = 0; i < 20; i++) {
            var challenges = challenges(greasing);
            assertThat(challenges).hasSize(4);
            challenges.stream()
                    .filter(challenge -> challenge.type().isEmpty())
                    .forEach(challenge -> unknown.add(challenge.challenge()));
        }
        assertThat(unknown).hasSize(20);
        assertThat(challenges(gate)).allMatch(challenge -> challenge.type().isPresent());
    }

    @Test
    void sendsNoGreaseWithoutAChallenge() throws Exception {
        issuers.replace(new TrustedIssuer(FIRST, List.of()));
        issuers.replace(new TrustedIssuer(SECOND, List.of()));
        var grease = Optional.of(new GreasedChallenges(RANDOM, 1));
        var greasing = gate(new Challenging(ParameterStyle.QUOTED, grease, MINT.now::get));

        var refusal = refused(greasing, tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.fields().all("www-authenticate")).isEmpty();
    }

    private Gate gate(Challenging challenging) {
        var spent = new InMemorySpentTokens(10, windows::isLive);
        var scheme = new PrivateTokenScheme(windows, issuers, spent, challenging);
        var rules =
                new GateRules(
                        List.of(scheme), Admit.parse(List.of(scheme.name())), ProxyChallenge.NEVER);
        return new SpringGate(rules.chain(ServerHttpSecurity.http(), List.of()));
    }

    private Token token(String issuer, IssuerKeyPair pair) {
        return TokenMint.token(windows.current(issuer, pair.type()), pair);
    }

    private static List<PrivateTokenChallenge> challenges(Gate gate) throws Exception {
        var fields = refused(gate, tcp(HeaderFields.NONE)).fields().all("www-authenticate");
        return PrivateTokenChallenge.parseAll(String.join(", ", fields));
    }
}
