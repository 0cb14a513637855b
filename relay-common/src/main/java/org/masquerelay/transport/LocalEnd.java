package org.masquerelay.transport;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.masquerelay.observe.Losses;
import org.masquerelay.tunnel.Tenant;

/// This relay's end of a socket to a target.
///
/// @param source where it starts from; asked again for each further try, on the event loop
/// @param dscp what its packets are marked with (RFC 2474), 0 to 63; empty leaves that to the
///   system
/// @param tenant whose tunnels these are
/// @param losses hears of datagrams of the tunnel that go no further
public record LocalEnd(
        Supplier<SourceAddress> source, OptionalInt dscp, Optional<Tenant> tenant, Losses losses) {
    private static final int MAX_DSCP = 63;

    /// The two bits beside the DSCP. They stay zero: RFC 9298, section 6.2, and RFC 3168, section 5
    /// call that Not-ECT.
    private static final int ECN_BITS = 2;

    /// Everything as the system has it.
    public static final LocalEnd SYSTEM =
            new LocalEnd(
                    () -> SourceAddress.SYSTEM,
                    OptionalInt.empty(),
                    Optional.empty(),
                    Losses.IGNORED);

    public LocalEnd {
        if (dscp.isPresent() && (dscp.getAsInt() < 0 || dscp.getAsInt() > MAX_DSCP)) {
            throw new IllegalArgumentException(
                    "dscp: " + dscp.getAsInt() + " (expected: 0 to " + MAX_DSCP + ")");
        }
    }

    /// The same with somebody who hears of losses.
    LocalEnd with(Losses others) {
        return new LocalEnd(source, dscp, tenant, others);
    }

    /// The byte of the IP header that has the DSCP.
    OptionalInt trafficClass() {
        return dscp.isPresent() ? OptionalInt.of(dscp.getAsInt() << ECN_BITS) : OptionalInt.empty();
    }
}
