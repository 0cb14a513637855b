package org.masquerelay.egress.policy;

import java.util.Optional;
import org.masquerelay.egress.rule.Dscp;

/// What a rule that matches says, as one number, so that a decision leaves no garbage.
final class Mark {
    /// No rule matches.
    static final int NONE = -1;

    private static final int WITHOUT_DSCP = 0x40;

    /// The rule names a network that is not public, or an address alone, and so lets tunnels there.
    private static final int OPENS = 0x80;

    private Mark() {}

    static int of(Optional<Dscp> dscp, boolean opens) {
        return dscp.map(Dscp::value).orElse(WITHOUT_DSCP) | (opens ? OPENS : 0);
    }

    static boolean isOpening(int mark) {
        return mark != NONE && (mark & OPENS) != 0;
    }

    static Optional<Dscp> dscp(int mark) {
        return (mark & WITHOUT_DSCP) != 0 ? Optional.empty() : Optional.of(new Dscp(mark & ~OPENS));
    }

    static int firstOf(int one, int other) {
        return one == NONE ? other : one;
    }
}
