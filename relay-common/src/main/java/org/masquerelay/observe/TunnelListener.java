package org.masquerelay.observe;

import org.masquerelay.tenant.TenantFault;
import org.masquerelay.tunnel.Refusal;

/// Hears of the life of tunnels. Called from every event loop at once, so it neither blocks nor
/// locks.
public interface TunnelListener {
    /// Hears nothing.
    TunnelListener SILENT = new Silent();

    /// A tunnel is open; what passes is counted in the [Traffic] returned.
    Traffic opened(TunnelTags tags);

    void closed(TunnelTags tags, long nanosOpen);

    void refused(TunnelTags tags, Refusal refusal);

    /// What hears of datagrams and capsules that go no further. To be asked once for a tunnel or a
    /// connection, and not for each of them.
    Losses losses(TunnelTags tags);

    /// A tunnel was answered with 2xx or 101, so long after its request had been read.
    default void accepted(TunnelTags tags, long nanos) {}

    /// A connection has been through its handshake. It took so long from the first packet of QUIC,
    /// or from the accepted or dialled TCP connection, until requests could be sent on it.
    default void handshaken(ConnectionTags tags, long nanos) {}

    /// Whether [#sampled] is worth the trouble.
    default boolean wantsSamples() {
        return false;
    }

    /// A QUIC connection was looked at, as each is now and then and when it is over.
    default void sampled(ConnectionTags tags, QuicSample sample) {}

    /// A connection was closed before it could carry a request: one over TCP within its handshake,
    /// one over QUIC because there are too many.
    void connectionRefused(ConnectionRefusal refusal);

    /// A `Relay-Tenant` field was not believed.
    default void tenantRejected(TenantFault fault) {}

    /// A tunnel was refused because this machine had no source for its socket.
    default void sourceExhausted(SourceExhaustion what) {}

    /// A QUIC packet of no connection was answered, or would have been.
    default void strayAnswered(StrayAnswer answer) {}

    /// A client of a QUIC connection came from another address.
    ///
    /// @param fresh whether with a connection ID it had not used before, so that an observer of
    ///   both paths cannot link them by it (RFC 9000, section 9.5). A client that does not know of
    ///   its new address, behind a NAT, cannot.
    default void migrated(boolean fresh) {}

    /// What writes down the QUIC connection that begins now; [ConnectionTrace#OFF] for most.
    default ConnectionTrace trace(QuicRole role) {
        return ConnectionTrace.OFF;
    }

    /// What those traces want to hear of packets. The same for as long as this lives.
    default PacketInterest packetInterest() {
        return PacketInterest.NONE;
    }

    /// A target's name was looked up.
    default void lookedUp(LookupOutcome outcome, long nanos) {}

    /// A QUIC connection came or went: `+1` or `-1`, by the role this relay has on it.
    void connections(QuicRole role, int change);

    /// A pooled upstream QUIC connection gained or lost a stream.
    void upstreamStreams(int change);

    /// The two sides of a QUIC connection.
    enum QuicRole {
        SERVER,
        CLIENT
    }

    /// Nobody listens.
    final class Silent implements TunnelListener {
        private Silent() {}

        @Override
        public Traffic opened(TunnelTags tags) {
            return new Traffic();
        }

        @Override
        public void closed(TunnelTags tags, long nanosOpen) {}

        @Override
        public void refused(TunnelTags tags, Refusal refusal) {}

        @Override
        public Losses losses(TunnelTags tags) {
            return Losses.IGNORED;
        }

        @Override
        public void connectionRefused(ConnectionRefusal refusal) {}

        @Override
        public void connections(QuicRole role, int change) {}

        @Override
        public void upstreamStreams(int change) {}
    }
}
