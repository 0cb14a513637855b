package org.masquerelay.cli.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.token.GreasedChallenges;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.wire.HostPort;

final class TokenFetcherTest {
    private static final HostPort TARGET = new HostPort("web.demo.test", 443);
    private static final HostPort ORIGIN = new HostPort("localhost", 4443);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final IssuerKeyPair VOPRF = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
    private static final IssuerKeyPair RSA = IssuerKeyPair.generate(TokenType.BLIND_RSA, RANDOM);

    private final IssuingRelay relay = new IssuingRelay();

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void paysWithATokenOfEachType(TokenType type) throws Exception {
        relay.useKey(pair(type));

        new PaidTunnels(relay, fetcher()).openTcp(TARGET).close();

        assertThat(relay.opened()).containsExactly(TARGET);
    }

    @Test
    void prefersTheTypesInTheGivenOrder() throws Exception {
        relay.useKey(RSA);
        relay.list(usable(RSA, VOPRF));
        relay.challengeFirst(List.of(challenge("localhost:4443", List.of(), VOPRF)));

        assertThat(fetch(TokenFetcher.PREFERENCE).type()).isEqualTo(TokenType.BLIND_RSA);
        var reversed = TokenFetcher.PREFERENCE.reversed();
        relay.useKey(VOPRF);
        relay.list(usable(RSA, VOPRF));
        relay.challengeFirst(List.of(challenge("localhost:4443", List.of(), RSA)));
        assertThat(fetch(reversed).type()).isEqualTo(TokenType.VOPRF);
    }

    @Test
    void fetchesNothingOfATypeThatIsNotWanted() {
        relay.useKey(VOPRF);
        assertThatIOException().isThrownBy(() -> fetch(List.of(TokenType.BLIND_RSA)));
    }

    // RFC 9578, section 4: the first key without a not-before in the future.
    @ParameterizedTest
    @EnumSource(TokenType.class)
    void takesTheFirstKeyOfTheDirectoryThatIsDueWhenNoneIsNamed(TokenType type) throws Exception {
        var future = IssuerKeyPair.generate(type, RANDOM);
        var current = pair(type);
        relay.useKey(current);
        relay.nameNoKey();
        relay.list(
                List.of(
                        new IssuerDirectory.Entry(future.publicKey(), NOW.plusSeconds(1)),
                        new IssuerDirectory.Entry(current.publicKey(), NOW)));

        assertThat(fetch(List.of(type)).tokenKeyId()).isEqualTo(current.publicKey().tokenKeyId());
    }

    // RFC 9577, sections 2.1.1 and 4.1.
    @Test
    void stepsOverChallengesItMayNotAnswer() throws Exception {
        relay.useKey(VOPRF);
        var greased = new GreasedChallenges(RANDOM, 1).among(List.of()).getFirst();
        relay.challengeFirst(
                List.of(
                        "Basic realm=\"x\"",
                        greased.format(ParameterStyle.QUOTED),
                        challenge("other.example", List.of("other.example"), VOPRF),
                        "PrivateToken challenge=\"AAEAAWkBAAAA\"",
                        challenge("other.example", List.of(), RSA)));

        new PaidTunnels(relay, fetcher()).openUdp(TARGET).close();

        assertThat(relay.refusals()).isEqualTo(1);
    }

    @Test
    void fetchesFromAnIssuerElsewhereForTheRelaysOrigin() throws Exception {
        var elsewhere = new IssuingRelay();
        elsewhere.useKey(RSA);
        relay.useKey(RSA);
        relay.challengeFirst(List.of(challenge("first.example", List.of("localhost"), RSA)));
        relay.closeIssuer();
        var fetcher =
                new TokenFetcher(
                        elsewhere,
                        new HostPort("issuer.example", 443),
                        ORIGIN,
                        Clock.systemUTC(),
                        TokenFetcher.PREFERENCE);

        var challenge = Challenges.askFor(relay);

        assertThat(fetcher.fetch(challenge).challengeDigest())
                .isEqualTo(challenge.offered().getFirst().tokenChallenge().digest());
        assertThatIOException()
                .isThrownBy(() -> fetcher().fetch(challenge))
                .withMessageContaining("no token issuer at localhost:4443");
    }

    @Test
    void answersAChallengeForItsOriginInAnyCase() throws Exception {
        relay.useKey(VOPRF);
        relay.challengeFirst(List.of(challenge("first.example", List.of("LocalHost"), VOPRF)));

        var challenge = Challenges.askFor(relay);

        assertThat(fetcher().fetch(challenge).challengeDigest())
                .isEqualTo(challenge.offered().getFirst().tokenChallenge().digest());
    }

    @Test
    void refusesAVoprfAnswerWithoutItsProof() {
        relay.useKey(VOPRF);
        relay.answerNonsense();
        assertThatIOException()
                .isThrownBy(() -> fetch(TokenFetcher.PREFERENCE))
                .withMessageStartingWith("no token: ");
    }

    private Token fetch(List<TokenType> types) throws Exception {
        var clock = Clock.fixed(NOW, ZoneOffset.UTC);
        return new TokenFetcher(relay, ORIGIN, clock, types).fetch(Challenges.askFor(relay));
    }

    private TokenFetcher fetcher() {
        return new TokenFetcher(relay, ORIGIN, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static IssuerKeyPair pair(TokenType type) {
        return switch (type) {
            case VOPRF -> VOPRF;
            case BLIND_RSA -> RSA;
        };
    }

    private static List<IssuerDirectory.Entry> usable(IssuerKeyPair... pairs) {
        return java.util.Arrays.stream(pairs)
                .map(pair -> IssuerDirectory.Entry.usable(pair.publicKey()))
                .toList();
    }

    private static String challenge(String issuer, List<String> origins, IssuerKeyPair pair) {
        IssuerKey key = pair.publicKey();
        var challenge = TokenChallenge.of(key.type(), issuer, ImmutableBytes.EMPTY, origins);
        return PrivateTokenChallenge.of(challenge, key, Duration.ofMinutes(1))
                .format(ParameterStyle.QUOTED);
    }
}
