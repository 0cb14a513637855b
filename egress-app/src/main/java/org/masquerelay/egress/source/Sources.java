package org.masquerelay.egress.source;

import java.util.Optional;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.transport.RestingFlows;
import org.masquerelay.transport.SourceAddress;

/// How this relay's end of sockets to targets is made.
///
/// @param supplier asked first, if there is one
/// @param resting the sources that are not to be used for now
/// @param dscp what packets are marked with, unless the policy says otherwise; empty leaves that to
///   the system
public record Sources(
        SourceAddressSelector selector,
        Optional<TargetSocketSupplier> supplier,
        RestingFlows resting,
        Optional<Dscp> dscp) {
    /// Everything as the system has it.
    public static final Sources SYSTEM =
            new Sources(
                    (_, _) -> SourceAddress.SYSTEM,
                    Optional.empty(),
                    RestingFlows.NONE,
                    Optional.empty());
}
