package org.masquerelay.gate.basic;

import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.RefusalReason;

/// What can be wrong with a name and a password.
final class BasicFaults {
    static final Why MALFORMED = Why.challenge("name and password are malformed");

    /// The same for both, so that nobody learns who is known here.
    static final Why WRONG = Why.challenge("name or password is wrong");

    static final Why TWO =
            new Why(RefusalReason.BAD_REQUEST, "the request brings two names or passwords");
    static final Why TOO_MANY_FAILURES = Why.tooMany("too many wrong names or passwords");
    static final Why BUSY = Why.overloaded("no more passwords can be verified now");

    private BasicFaults() {}
}
