package org.masquerelay.egress.access;

/// What the access log has.
///
/// @param sample the share of tunnels, from 0 to 1
/// @param target how much of where they go
/// @param tenant whether it says whose they are, instead of where they go
public record AccessSettings(double sample, TargetDetail target, boolean tenant) {
    public AccessSettings {
        if (tenant && target != TargetDetail.NONE) {
            throw new IllegalArgumentException("tenant: true (expected: false beside targets)");
        }
    }
}
