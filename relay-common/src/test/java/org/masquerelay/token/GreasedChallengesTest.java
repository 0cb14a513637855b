package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;

class GreasedChallengesTest {
    private static final List<PrivateTokenChallenge> REAL =
            List.of(challenge("one.example"), challenge("two.example"));

    private final SecureRandom random = new SecureRandom();

    @Test
    void addsAChallengeOfAReservedTypeThatClientsStepOver() throws TokenFormatException {
        var greased = new GreasedChallenges(random, 1);
        for (int round = 0; round < 200; round++) {
            var sent = greased.among(REAL);
            var text =
                    String.join(
                            ", ",
                            sent.stream().map(one -> one.format(ParameterStyle.QUOTED)).toList());
            var read = PrivateTokenChallenge.parseAll(text);

            assertThat(read).isEqualTo(sent).hasSize(3);
            var known = new ArrayList<>(read);
            known.removeIf(one -> one.type().isEmpty());
            assertThat(known).isEqualTo(REAL);
            read.stream()
                    .filter(one -> one.type().isEmpty())
                    .map(one -> one.challenge().at(0) << 8 | one.challenge().at(1))
                    .forEach(type -> assertThat(GreasedChallenges.RESERVED_TYPES).contains(type));
        }
    }

    @Test
    void addsThemNowAndThenOnly() {
        var greased = new GreasedChallenges(random, 4);
        int added = 0;
        for (int round = 0; round < 400; round++) {
            added += greased.among(REAL).size() - REAL.size();
        }
        // Outside of these bounds once in more than 10^9 runs.
        assertThat(added).isBetween(45, 160);
    }

    @Test
    void reservesNoTypeThatIsUsed() {
        assertThat(GreasedChallenges.RESERVED_TYPES)
                .hasSize(17)
                .allMatch(type -> TokenType.of(type).isEmpty());
        assertThatIllegalArgumentException().isThrownBy(() -> new GreasedChallenges(random, 0));
    }

    private static PrivateTokenChallenge challenge(String issuer) {
        var challenge = TokenChallenge.of(TokenType.VOPRF, issuer, ImmutableBytes.EMPTY, List.of());
        return new PrivateTokenChallenge(
                ImmutableBytes.copyOf(challenge.serialise()), ImmutableBytes.EMPTY, null);
    }
}
