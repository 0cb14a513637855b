package org.masquerelay.gate;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.masquerelay.tunnel.RefusalReason;
import org.springframework.security.core.AuthenticationException;

/// A request brings no credentials that let it pass. Without a stack trace: anybody can cause it,
/// as often as they like.
public final class CredentialsRefusedException extends AuthenticationException {
    private static final long serialVersionUID = 1L;

    private final Why why;
    private final transient Optional<Retort> retort;
    private final transient Optional<Duration> retryAfter;

    public CredentialsRefusedException(Why why) {
        this(why, Optional.empty(), Optional.empty());
    }

    /// With challenges of the scheme that says more about what was wrong.
    public CredentialsRefusedException(Why why, Retort retort) {
        this(why, Optional.of(retort), Optional.empty());
    }

    /// For a client that may come again after `retryAfter`.
    public CredentialsRefusedException(Why why, Duration retryAfter) {
        this(why, Optional.empty(), Optional.of(retryAfter));
    }

    private CredentialsRefusedException(
            Why why, Optional<Retort> retort, Optional<Duration> retryAfter) {
        super(why.details());
        this.why = why;
        this.retort = retort;
        this.retryAfter = retryAfter;
    }

    public Why why() {
        return why;
    }

    /// What a scheme answers to credentials of its own, in the place of its usual challenges. Those
    /// of the other schemes stay as they are.
    ///
    /// @param scheme the name of the scheme
    /// @param challenges as [Scheme#challenges]
    public record Retort(String scheme, List<String> challenges) {
        public Retort {
            challenges = List.copyOf(challenges);
        }
    }

    List<String> challengesOf(Scheme scheme) {
        return retort.filter(own -> own.scheme().equals(scheme.name()))
                .map(Retort::challenges)
                .orElseGet(scheme::challenges);
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
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

        /// Too many attempts of one client.
        public static Why tooMany(String details) {
            return new Why(RefusalReason.QUOTA_EXCEEDED, details);
        }

        /// No fault of the client: it may try again.
        public static Why overloaded(String details) {
            return new Why(RefusalReason.OVERLOADED, details);
        }
    }
}
