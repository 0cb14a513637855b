package org.masquerelay.bind;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.bind.UsedIds.Claim;
import org.masquerelay.wire.Varint;

@Timeout(30)
final class UsedIdsTest {
    @Test
    @DisplayName("R10 3.1 an ID that was used is known for ever")
    void knowsEveryIdOfAPeerThatCounts() {
        var used = new UsedIds(2);
        for (long id = 2; id < 200_000; id += 2) {
            assertThat(used.claim(id)).isEqualTo(Claim.FRESH);
        }
        for (long id = 2; id < 200_000; id += 2) {
            assertThat(used.claim(id)).isEqualTo(Claim.REPEATED);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("R10 3.1 IDs in any order are told apart as a set would tell them")
    void agreesWithASet(long seed) {
        var random = new Random(seed);
        var used = new UsedIds(2);
        var all = new HashSet<Long>();
        for (int i = 0; i < 5_000; i++) {
            // So few that there are never more gaps than are kept.
            long id = 2 + 2L * random.nextInt(2 * UsedIds.MAX_GAPS);
            assertThat(used.claim(id)).isEqualTo(all.add(id) ? Claim.FRESH : Claim.REPEATED);
        }
    }

    @Test
    @DisplayName("R10 3.1 of more gaps than are kept the lowest are forgotten, and said to be")
    void isUncertainBelowForgottenGaps() {
        var used = new UsedIds(2);
        for (int i = 0; i <= UsedIds.MAX_GAPS; i++) {
            assertThat(used.claim(4 + 4L * i)).isEqualTo(Claim.FRESH);
        }
        assertThat(used.claim(2)).isEqualTo(Claim.UNCERTAIN); // Its gap was the lowest.
        assertThat(used.claim(4)).isEqualTo(Claim.REPEATED);
        assertThat(used.claim(6)).isEqualTo(Claim.FRESH);
        assertThat(used.claim(6)).isEqualTo(Claim.REPEATED);
    }

    @Test
    @DisplayName("R10 3.1 the highest ID there is leaves one gap")
    void takesTheHighestId() {
        var used = new UsedIds(2);
        long highest = Varint.MAX - 1;
        assertThat(used.claim(highest)).isEqualTo(Claim.FRESH);
        assertThat(used.claim(highest)).isEqualTo(Claim.REPEATED);
        assertThat(used.claim(highest - 2)).isEqualTo(Claim.FRESH);
        assertThat(used.claim(2)).isEqualTo(Claim.FRESH);
    }
}
