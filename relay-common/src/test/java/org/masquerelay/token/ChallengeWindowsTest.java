package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.ChallengeWindows.Plan;

class ChallengeWindowsTest {
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final ImmutableBytes SECRET = ImmutableBytes.sha256Of(new byte[] {1});

    private Instant time = START;
    private final ChallengeWindows windows = windows(SECRET);

    @Test
    void changesTheContextWithTheWindow() {
        var first = windows.current();
        advance(WINDOW.minusMillis(1));
        assertThat(windows.current()).isEqualTo(first);
        advance(Duration.ofMillis(1));

        assertThat(windows.current()).isNotEqualTo(first);
        assertThat(first.redemptionContext().length()).isEqualTo(32);
        assertThat(first.issuerName()).isEqualTo("issuer.example");
        assertThat(first.originInfo()).containsExactly("relay.example");
    }

    @Test
    void acceptsTheLastWindowForTheGraceOnly() {
        var digest = windows.current().digest();
        advance(WINDOW.plus(GRACE).minusMillis(1));
        assertThat(windows.isLive(digest)).isTrue();
        assertThat(windows.isLive(windows.current().digest())).isTrue();
        advance(Duration.ofMillis(1));

        assertThat(windows.isLive(digest)).isFalse();
        assertThat(windows.isLive(windows.current().digest())).isTrue();
    }

    @Test
    void forgetsAWindowThatItSlept() {
        var digest = windows.current().digest();
        advance(WINDOW.multipliedBy(2));
        assertThat(windows.isLive(digest)).isFalse();
    }

    @Test
    void comparesDigestsByValue() {
        byte[] copy = windows.current().digest().toArray();
        assertThat(windows.isLive(ImmutableBytes.copyOf(copy))).isTrue();
        copy[31] ^= 1;
        assertThat(windows.isLive(ImmutableBytes.copyOf(copy))).isFalse();
    }

    @Test
    void neverRevivesAChallengeWhenTheClockStepsBack() {
        var digest = windows.current().digest();
        advance(WINDOW.plus(GRACE));
        assertThat(windows.isLive(digest)).isFalse();
        advance(GRACE.plus(WINDOW).negated());

        assertThat(windows.isLive(digest)).isFalse();
    }

    @Test
    void tellsHowLongAChallengeIsAccepted() {
        assertThat(windows.maxAge()).isEqualTo(WINDOW.plus(GRACE));
        var digest = windows.current().digest();
        advance(Duration.ofMinutes(4));
        var maxAge = windows.maxAge();
        assertThat(maxAge).isEqualTo(Duration.ofMinutes(8));

        advance(maxAge.minusMillis(1));
        assertThat(windows.isLive(digest)).isTrue();
        advance(Duration.ofMillis(1));
        assertThat(windows.isLive(digest)).isFalse();
    }

    // Whoever remembers spent tokens for so long must not forget one that still passes.
    @Test
    void tellsHowLongAChallengeIsAcceptedAlsoAfterTheClockHasSteppedBack() {
        advance(WINDOW.multipliedBy(6));
        var digest = windows.current().digest();
        advance(WINDOW.multipliedBy(6).negated());
        var maxAge = windows.maxAge();

        advance(maxAge.minusMillis(1));
        assertThat(windows.isLive(digest)).isTrue();
        advance(Duration.ofMillis(1));
        assertThat(windows.isLive(digest)).isFalse();
    }

    @Test
    void sharesChallengesWithTheSecret() {
        assertThat(windows(SECRET).current()).isEqualTo(windows.current());
        var other = windows(ImmutableBytes.sha256Of(new byte[] {2}));
        assertThat(other.current()).isNotEqualTo(windows.current());
    }

    @Test
    void acceptsThePreviousWindowRightAfterAStart() {
        var digest = windows.current().digest();
        advance(WINDOW.plusSeconds(1));
        assertThat(windows(SECRET).isLive(digest)).isTrue();
    }

    @Test
    void tellsForWhichIssuerAndTypeAChallengeIs() {
        var plan = new Plan(List.of("one.example", "two.example"), List.of(), WINDOW, GRACE);
        var several = new ChallengeWindows(plan, SECRET, () -> time);
        var digests = new HashSet<ImmutableBytes>();
        for (String issuer : plan.issuerNames()) {
            for (var type : TokenType.values()) {
                var challenge = several.current(issuer, type);
                assertThat(challenge.tokenType()).isEqualTo(type.code());
                assertThat(challenge.issuerName()).isEqualTo(issuer);
                assertThat(several.asked(challenge.digest()))
                        .contains(new LiveChallenges.Asked(issuer, type));
                digests.add(challenge.digest());
            }
        }
        assertThat(digests).hasSize(4);

        advance(WINDOW);
        assertThat(digests).allMatch(digest -> several.asked(digest).isPresent());
        advance(GRACE);
        assertThat(digests).allMatch(digest -> several.asked(digest).isEmpty());
    }

    @Test
    void hasNoChallengeForAnIssuerOutsideOfThePlan() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows.current("other.example", TokenType.VOPRF));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Plan(List.of(), List.of(), WINDOW, GRACE));
    }

    @Test
    void refusesPlansThatCannotWork() {
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Duration.ZERO, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(WINDOW, WINDOW.plusMillis(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(WINDOW, GRACE.negated()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows(ImmutableBytes.copyOf(new byte[15])));
    }

    private void advance(Duration duration) {
        time = time.plus(duration);
    }

    private ChallengeWindows windows(ImmutableBytes secret) {
        InstantSource clock = () -> time;
        return new ChallengeWindows(plan(WINDOW, GRACE), secret, clock);
    }

    private static Plan plan(Duration window, Duration grace) {
        return new Plan("issuer.example", List.of("relay.example"), window, grace);
    }
}
