package org.masquerelay.cli.doctor;

import java.time.Duration;
import java.util.List;
import org.masquerelay.wire.IpPrefix;

/// What the host is to be fit for.
///
/// @param tunnels how many are to be open at once
/// @param ports of the listeners and of management
/// @param prefixes that tunnels start from; none for the addresses that the host has
/// @param udpIdle how long a UDP tunnel may be silent
public record Wanted(int tunnels, List<Integer> ports, List<IpPrefix> prefixes, Duration udpIdle) {
    private static final int MOST_BITS = 16;

    public Wanted {
        ports = List.copyOf(ports);
        prefixes = List.copyOf(prefixes);
    }

    /// From how many addresses a tunnel starts at worst: from those of the family that has fewer.
    /// More than 65536 count as so many.
    long sources() {
        long version4 = 0;
        long version6 = 0;
        for (var prefix : prefixes) {
            int bits = 8 * prefix.address().getAddress().length;
            long addresses = 1L << Math.min(bits - prefix.length(), MOST_BITS);
            version4 += bits == 32 ? addresses : 0;
            version6 += bits == 32 ? 0 : addresses;
        }
        long fewer =
                version4 == 0 || version6 == 0
                        ? Math.max(version4, version6)
                        : Math.min(version4, version6);
        return Math.clamp(fewer, 1, 1 << MOST_BITS);
    }
}
