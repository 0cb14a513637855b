package org.masquerelay.capsule;

import java.util.Set;

/// What a relay does with capsules.
///
/// @param unknown what becomes of a type that is not among `known`
/// @param known types beside those that the tunnel itself interprets
/// @param maxDatagram bytes of a DATAGRAM capsule's value
/// @param maxControl bytes of the value of any other capsule that is read whole
/// @param maxHeld bytes of unfinished capsules that the streams of one connection hold together
public record CapsulePolicy(
        Unknown unknown, Set<Long> known, int maxDatagram, int maxControl, int maxHeld) {
    /// Capsules that the relay does not know end here, as RFC 9297, section 3.2, asks of the end of
    /// a chain.
    public static final CapsulePolicy STANDARD =
            new CapsulePolicy(Unknown.IGNORE, Set.of(), HttpDatagram.MAX_LENGTH, 4096, 1 << 20);

    /// What becomes of capsules of unknown types.
    public enum Unknown {
        /// Left out without being stored.
        IGNORE,
        /// Sent on byte for byte, as an intermediary should (RFC 9297, section 3.2).
        FORWARD,
        /// The stream, and it alone, is reset.
        REJECT
    }

    public CapsulePolicy {
        known = Set.copyOf(known);
    }

    public CapsulePolicy with(Unknown other) {
        return new CapsulePolicy(other, known, maxDatagram, maxControl, maxHeld);
    }

    /// A budget for one connection.
    public CapsuleBudget newBudget() {
        return new CapsuleBudget(maxHeld);
    }
}
