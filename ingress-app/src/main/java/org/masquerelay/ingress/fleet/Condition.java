package org.masquerelay.ingress.fleet;

/// What is known of one egress. Times are those of the fleet's ticker.
sealed interface Condition {
    /// Takes tunnels.
    ///
    /// @param failures one after the other since it last answered
    /// @param ejections in a row, of which the last ended at `since`
    record Up(int failures, int ejections, long since) implements Condition {}

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
