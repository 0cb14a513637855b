package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;

class IssuerKeySetTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final URI REQUEST = URI.create("/token-request");
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Instant CHANGE = NOW.plus(Duration.ofDays(2));
    private static final Duration OVERLAP = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final IssuerKeyPair voprf = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
    private final IssuerKeyPair rsa = IssuerKeyPair.generate(TokenType.BLIND_RSA, RANDOM);
    private final IssuerKeySet before = IssuerKeySet.of(voprf, rsa);
    private final IssuerKeySet rotated =
            before.rotate(new Rotation(TokenType.VOPRF, CHANGE, OVERLAP), NOW, RANDOM);
    private final IssuerKeyPair next = rotated.keys().getFirst().pair();

    @Test
    void listsTheNewKeyBeforeItsTimeAndTheOldOneForTheOverlap() {
        var early = rotated.directory(REQUEST, NOW);
        assertThat(early.preferredKey(TokenType.VOPRF, CHANGE.minusSeconds(1)))
                .contains(voprf.publicKey());
        assertThat(early.preferredKey(TokenType.VOPRF, CHANGE)).contains(next.publicKey());

        var overlap = rotated.directory(REQUEST, CHANGE.plus(OVERLAP).minusSeconds(1));
        assertThat(overlap.keys())
                .containsExactlyInAnyOrder(next.publicKey(), voprf.publicKey(), rsa.publicKey());
        assertThat(rotated.directory(REQUEST, CHANGE.plus(OVERLAP)).keys())
                .containsExactlyInAnyOrder(next.publicKey(), rsa.publicKey());
    }

    @Test
    void answersForTheOldKeyUntilTheOverlapEnds() {
        assertThat(rotated.usable(NOW)).contains(next, voprf, rsa);
        assertThat(rotated.usable(CHANGE.plus(OVERLAP))).contains(next, rsa).doesNotContain(voprf);
    }

    @Test
    void leavesKeysOfTheOtherTypeAlone() {
        assertThat(rotated.keys()).contains(ScheduledKey.always(rsa));
    }

    @Test
    void letsNoCacheKeepAKeyThatHasEnded() {
        var end = CHANGE.plus(OVERLAP);
        assertThat(rotated.maxAge(NOW, HOUR)).isEqualTo(HOUR);
        assertThat(rotated.maxAge(end.minusSeconds(60), HOUR)).isEqualTo(Duration.ofMinutes(1));
        assertThat(rotated.maxAge(end, HOUR)).isEqualTo(HOUR);
    }

    @Test
    void forgetsEndedKeysWithTheNextRotation() {
        var later = CHANGE.plus(OVERLAP);
        var again = rotated.rotate(new Rotation(TokenType.VOPRF, later, OVERLAP), later, RANDOM);

        assertThat(again.keys())
                .extracting(ScheduledKey::pair)
                .doesNotContain(voprf)
                .contains(next);
    }

    @Test
    void doesNotProlongAKeyThatEndsSooner() {
        var sooner =
                rotated.rotate(
                        new Rotation(TokenType.VOPRF, CHANGE.plus(OVERLAP), OVERLAP), NOW, RANDOM);
        assertThat(sooner.keys())
                .filteredOn(key -> key.pair() == voprf)
                .extracting(ScheduledKey::notAfter)
                .containsExactly(CHANGE.plus(OVERLAP));
    }

    @Test
    void trustsAllThatTheIssuerAnswersForAndOffersWhatIsDue() {
        var trusted = rotated.trusted("issuer.example", NOW);

        assertThat(trusted.keys())
                .extracting(key -> key.verifying().publicKey())
                .contains(next.publicKey(), voprf.publicKey(), rsa.publicKey());
        assertThat(trusted.offered(NOW)).doesNotContain(next.publicKey());
        assertThat(trusted.offered(CHANGE).getFirst()).isEqualTo(next.publicKey());
    }

    @Test
    void drawsKeysUntilRequestsTellThemApart() {
        var set = before;
        for (int i = 0; i < 24; i++) {
            set = set.rotate(new Rotation(TokenType.VOPRF, CHANGE, OVERLAP), NOW, RANDOM);
        }
        assertThat(set.keys()).hasSize(26);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IssuerKeySet.of(voprf, voprf))
                .withMessageContaining("truncated key id");
    }

    @Test
    void hasABound() {
        var many =
                IntStream.range(0, IssuerKeySet.MAX_KEYS + 1)
                        .mapToObj(_ -> ScheduledKey.always(voprf))
                        .toList();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IssuerKeySet(many))
                .withMessageContaining("at most");
        assertThat(new IssuerKeySet(Collections.emptyList()).keys()).isEmpty();
    }

    @Test
    void refusesTimesThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rotation(TokenType.VOPRF, NOW, Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScheduledKey(voprf, NOW, NOW));
    }
}
