package org.masquerelay.egress.source;

import java.net.StandardProtocolFamily;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.transport.SourceAddress;

/// Chooses where the sockets of tunnels start from.
///
/// A bean of this type replaces `relay.egress.source.*`.
@FunctionalInterface
public interface SourceAddressSelector {
    /// Where a socket of the permitted tunnel to a target of `family` starts from; its address, if
    /// it has one, is of that family.
    ///
    /// Asked once for each socket, and again when the answer was of no use: where it may differ, it
    /// should. Called on any event loop, so it neither waits nor locks.
    SourceAddress select(Permit permit, StandardProtocolFamily family);
}
