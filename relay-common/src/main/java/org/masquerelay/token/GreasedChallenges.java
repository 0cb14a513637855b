package org.masquerelay.token;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Challenges that no client can answer, put among real ones now and then so that clients stay able
/// to step over what they do not know ([RFC 9577, section
/// 4.1](https://datatracker.ietf.org/doc/html/rfc9577#section-4.1)).
///
/// @param oneIn one answer of so many carries such a challenge; at least 1
public record GreasedChallenges(SecureRandom random, int oneIn) {
    /// The reserved token types of RFC 9577, section 6.2.
    static final List<Integer> RESERVED_TYPES =
            List.of(
                    0x0000, 0x02aa, 0x1132, 0x2e96, 0x3cd3, 0x4473, 0x5a63, 0x6d32, 0x7f3f, 0x8d07,
                    0x916b, 0xa6a4, 0xbeab, 0xc3f3, 0xda42, 0xe944, 0xf057);

    private static final int MIN_LENGTH = 16;
    private static final int MAX_LENGTH = 64;

    public GreasedChallenges {
        if (oneIn < 1) {
            throw new IllegalArgumentException("one in: " + oneIn + " (expected: at least 1)");
        }
    }

    /// The same challenges in the same order, sometimes with a greased one at any place.
    public List<PrivateTokenChallenge> among(List<PrivateTokenChallenge> challenges) {
        if (random.nextInt(oneIn) != 0) {
            return challenges;
        }
        var all = new ArrayList<>(challenges);
        all.add(random.nextInt(challenges.size() + 1), challenge());
        return all;
    }

    private PrivateTokenChallenge challenge() {
        int type = RESERVED_TYPES.get(random.nextInt(RESERVED_TYPES.size()));
        byte[] content = bytes();
        byte[] challenge =
                ByteBuffer.allocate(Short.BYTES + content.length)
                        .putShort((short) type)
                        .put(content)
                        .array();
        return new PrivateTokenChallenge(
                ImmutableBytes.copyOf(challenge), ImmutableBytes.copyOf(bytes()), null);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[MIN_LENGTH + random.nextInt(MAX_LENGTH - MIN_LENGTH + 1)];
        random.nextBytes(bytes);
        return bytes;
    }
}
