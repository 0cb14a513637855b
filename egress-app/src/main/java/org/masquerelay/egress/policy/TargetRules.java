package org.masquerelay.egress.policy;

import java.util.Set;

/// What the operator says about where tunnels may go.
///
/// @param allowPrivate whether addresses outside the public address space are allowed
/// @param deniedPorts ports that no tunnel goes to, whatever the address
public record TargetRules(boolean allowPrivate, Set<Integer> deniedPorts) {
    public TargetRules {
        deniedPorts = Set.copyOf(deniedPorts);
    }
}
