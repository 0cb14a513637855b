package org.masquerelay.ingress.gate;

import org.masquerelay.tunnel.RefusalReason;
import org.springframework.security.core.AuthenticationException;

/// A request brings no token that lets it pass. Without a stack trace: anybody can cause it, as
/// often as they like.
final class TokenRefusedException extends AuthenticationException {
    private final Why why;

    TokenRefusedException(Why why) {
        super(why.details);
        this.why = why;
    }

    Why why() {
        return why;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // Nothing is written.
    public Throwable fillInStackTrace() {
        return this;
    }

    /// Why, and whether a new token would help: those answers carry a challenge.
    enum Why {
        MISSING(RefusalReason.UNAUTHENTICATED, "a token is needed"),
        MALFORMED(RefusalReason.UNAUTHENTICATED, "the token is malformed"),
        STALE(RefusalReason.UNAUTHENTICATED, "the token is for a challenge that has ended"),
        SPENT(RefusalReason.UNAUTHENTICATED, "the token is spent"),
        NOT_GENUINE(RefusalReason.CREDENTIALS_REFUSED, "the token does not verify"),
        NO_ROOM(RefusalReason.OVERLOADED, "no more tokens can be redeemed now"),
        STORE_FAILED(RefusalReason.OVERLOADED, "tokens cannot be redeemed now");

        private final RefusalReason reason;
        private final String details;

        Why(RefusalReason reason, String details) {
            this.reason = reason;
            this.details = details;
        }

        RefusalReason reason() {
            return reason;
        }

        String details() {
            return details;
        }
    }
}
