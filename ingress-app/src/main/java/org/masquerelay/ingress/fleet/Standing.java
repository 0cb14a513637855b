package org.masquerelay.ingress.fleet;

import java.time.Duration;
import java.util.Optional;

/// How an egress is doing, for operators.
///
/// @param out whether it is ejected: it gets no tunnels
/// @param why it is ejected, or comes after all others; empty otherwise
/// @param left until it is tried again
public record Standing(String name, int tunnels, boolean out, Optional<String> why, Duration left) {
    static Standing of(Member member, Condition condition, long now) {
        return switch (condition) {
            case Condition.Up _ ->
                    new Standing(
                            member.name(),
                            member.tunnels(),
                            false,
                            Optional.empty(),
                            Duration.ZERO);
            case Condition.Resting(var why, long until, var up) ->
                    until - now > 0
                            ? of(member, false, why.tag(), until - now)
                            : of(member, up, now);
            case Condition.Ejected(var cause, _, long until) ->
                    of(member, true, cause.tag(), until - now);
            // The probe decides.
            case Condition.Probing(var cause, _, _) -> of(member, true, cause.tag(), 0);
        };
    }

    private static Standing of(Member member, boolean out, String why, long left) {
        return new Standing(
                member.name(),
                member.tunnels(),
                out,
                Optional.of(why),
                Duration.ofNanos(Math.max(0, left)));
    }
}
