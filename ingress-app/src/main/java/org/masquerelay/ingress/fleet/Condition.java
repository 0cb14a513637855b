package org.masquerelay.ingress.fleet;

import java.util.Optional;

/// What is known of one egress. Times are those of the fleet's ticker.
sealed interface Condition {
    /// Failures of one cause within so long are one incident, however many loops meet it.
    long INCIDENT_NANOS = 1_000_000_000;

    /// Takes tunnels.
    ///
    /// @param failures one after the other since it last answered
    /// @param ejections in a row, of which the last ended at `since`
    /// @param last of the failures
    record Up(int failures, int ejections, long since, Optional<Failure> last)
            implements Condition {
        /// One that has answered.
        static Up well(int ejections, long since) {
            return new Up(0, ejections, since, Optional.empty());
        }

        /// Whether a failure at `now` is what the last one was, as another event loop sees it.
        boolean knows(FailureCause cause, long now) {
            return last.filter(one -> one.cause() == cause && now - one.at() < INCIDENT_NANOS)
                    .isPresent();
        }
    }

    /// A failure that was counted.
    record Failure(FailureCause cause, long at) {}

    /// Says that it takes no tunnels now; used where no other can be.
    record Resting(RetryReason why, long untilNanos, Up before) implements Condition {}

    /// Gets no tunnels. After that the next one is its probe.
    record Ejected(FailureCause cause, int ejections, long untilNanos) implements Condition {}

    /// Half open: one tunnel tries it. A probe of which nothing is heard is followed by another.
    record Probing(FailureCause cause, int ejections, long untilNanos) implements Condition {}

    default boolean isOut() {
        return this instanceof Ejected || this instanceof Probing;
    }
}
