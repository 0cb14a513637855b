package org.masquerelay.egress.source;

import java.util.Optional;
import java.util.OptionalInt;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// A tunnel that the policy allows and whose socket is about to be opened.
///
/// @param tenant whose it is, as far as a relay or the gate said so
/// @param dscp what the policy has its packets marked with; empty if it says nothing
public record PermittedTunnel(
        TunnelRequest request, Optional<Tenant> tenant, OptionalInt dscp) {}
