package org.masquerelay.observe;

import java.util.Optional;

/// What became of a QUIC connection since it was looked at before.
///
/// @param sent packets
/// @param received packets
/// @param lost of the packets sent, as far as loss detection has found out (RFC 9002, section 6)
/// @param path how the connection goes now; empty once it is closed
public record QuicSample(long sent, long received, long lost, Optional<Path> path) {
    /// The path that is in use.
    ///
    /// @param rttNanos the smoothed round-trip time (RFC 9002, section 5.3)
    /// @param cwndBytes the congestion window (RFC 9002, section 7)
    public record Path(long rttNanos, long cwndBytes) {}
}
