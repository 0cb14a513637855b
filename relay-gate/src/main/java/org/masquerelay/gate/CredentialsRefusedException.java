package org.masquerelay.gate;

import org.masquerelay.tunnel.RefusalReason;
import org.springframework.security.core.AuthenticationException;

/// A request brings no credentials that let it pass. Without a stack trace: anybody can cause it,
/// as often as they like.
public final class CredentialsRefusedException extends AuthenticationException {
    private static final long serialVersionUID = 1L;

    private final Why why;

    public CredentialsRefusedException(Why why) {
        super(why.details());
        this.why = why;
    }

    public Why why() {
        return why;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // Nothing is written.
    public Throwable fillInStackTrace() {
        return this;
    }

    /// What is wrong, in words for the client, and whether other credentials would help: only an
    /// answer that says [RefusalReason#UNAUTHENTICATED] carries challenges.
    ///
    /// @param details sent to the client, so it names no secret and quotes nothing of the request
    public record Why(RefusalReason reason, String details) {
        /// A problem that other credentials solve.
        public static Why challenge(String details) {
            return new Why(RefusalReason.UNAUTHENTICATED, details);
        }

        /// Credentials that look right and were made by somebody who is not trusted.
        public static Why notGenuine(String details) {
            return new Why(RefusalReason.CREDENTIALS_REFUSED, details);
        }

        /// No fault of the client: it may try again.
        public static Why overloaded(String details) {
            return new Why(RefusalReason.OVERLOADED, details);
        }
    }
}
