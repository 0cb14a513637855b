package org.masquerelay.http;

import java.util.Set;
import org.masquerelay.capsule.CapsuleBudget;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.Losses;

/// What one tunnel does with capsules that it does not interpret itself.
///
/// @param control types that travel through to whoever interprets them, such as those of bind
/// @param budget of the tunnel's connection
record CapsuleRules(
        CapsulePolicy policy,
        Set<Long> control,
        CapsuleBudget budget,
        Losses losses,
        TunnelTrace trace) {

    /// [Handling#STOP] says that the stream has to be reset.
    Handling handling(long type, long length) {
        trace.capsule(type, length);
        if (control.contains(type) || policy.known().contains(type)) {
            if (length > policy.maxControl()) {
                losses.rejectedCapsule(type);
                return Handling.STOP;
            }
            return Handling.PASS;
        }
        losses.unknownCapsule(type);
        return switch (policy.unknown()) {
            case IGNORE -> Handling.SKIP;
            case FORWARD -> Handling.PASS;
            case REJECT -> {
                losses.rejectedCapsule(type);
                yield Handling.STOP;
            }
        };
    }
}
