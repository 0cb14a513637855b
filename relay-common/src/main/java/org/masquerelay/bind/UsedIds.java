package org.masquerelay.bind;

import java.util.TreeMap;

/// Which context IDs of one parity a peer has used, in any order, within a fixed amount of memory.
///
/// Kept are the highest one and the gaps below it. A peer that counts upwards leaves none; of one
/// that leaves more than [#MAX_GAPS], the lowest are forgotten, and below that nothing is certain.
final class UsedIds {
    static final int MAX_GAPS = 64;

    private static final int STEP = 2;

    /// First to last ID of each gap.
    private final TreeMap<Long, Long> gaps = new TreeMap<>();

    private long highest;
    private long uncertainUpTo;

    /// What is known of an ID.
    enum Claim {
        FRESH,
        REPEATED,
        /// It lies in or below a gap that was forgotten.
        UNCERTAIN
    }

    /// @param first the lowest ID there is
    UsedIds(long first) {
        highest = first - STEP;
    }

    /// Takes `id`, which has the parity of the first one, as used from now on.
    Claim claim(long id) {
        if (id > highest) {
            if (id > highest + STEP) {
                gaps.put(highest + STEP, id - STEP);
            }
            highest = id;
        } else {
            var gap = gaps.floorEntry(id);
            if (gap == null || gap.getValue() < id) {
                return id <= uncertainUpTo ? Claim.UNCERTAIN : Claim.REPEATED;
            }
            split(gap.getKey(), gap.getValue(), id);
        }
        if (gaps.size() > MAX_GAPS) {
            uncertainUpTo = gaps.pollFirstEntry().getValue();
        }
        return Claim.FRESH;
    }

    private void split(long first, long last, long id) {
        gaps.remove(first);
        if (first < id) {
            gaps.put(first, id - STEP);
        }
        if (id < last) {
            gaps.put(id + STEP, last);
        }
    }
}
