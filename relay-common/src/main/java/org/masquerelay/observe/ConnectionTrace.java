package org.masquerelay.observe;

import org.masquerelay.tunnel.TunnelKind;

/// Writes down what happens on one QUIC connection. Called on the connection's event loop, which it
/// does not hold up.
///
/// It is told no address, no name and no connection ID: what it does not know it cannot leak.
public interface ConnectionTrace {
    /// Writes nothing, and takes nothing up.
    ConnectionTrace OFF = new Off();

    /// The handshake is done.
    void established();

    /// The peer came from another address.
    void migrated(boolean fresh);

    /// A packet for the connection was thrown away: it could not be decrypted, had come before,
    /// broke the rules of QUIC, or came while the connection was ending. Anybody can have sent it.
    ///
    /// @param bytes of the packet, with its header
    void packetDropped(PacketType type, int bytes);

    /// The peer has updated the keys of both directions (RFC 9001, section 6).
    ///
    /// @param generation how often it has; those of the handshake are 0
    void keysUpdated(long generation);

    /// A tunnel is asked for.
    TunnelTrace tunnel(TunnelKind kind);

    /// The connection is over; nothing comes after.
    void closed(End end);

    /// How a connection ended.
    ///
    /// @param cause who ended it
    /// @param application whether `code` is one of HTTP/3, and not of QUIC
    /// @param code the error code (RFC 9000, section 20; RFC 9114, section 8.1), or -1 if there is
    ///   none
    record End(Cause cause, boolean application, long code) {}

    /// Who ended a connection.
    enum Cause {
        PEER,
        IDLE,
        /// This side, or a stateless reset, which the QUIC layer does not tell of.
        HERE
    }

    /// Packets that are numbered and encrypted (RFC 9000, section 17).
    enum PacketType {
        INITIAL,
        ZERO_RTT,
        HANDSHAKE,
        ONE_RTT
    }

    /// One tunnel of a connection, known by a number.
    interface TunnelTrace {
        TunnelTrace OFF = new TunnelOff();

        void opened();

        /// Its stream is closed. Of one that was refused nothing is written.
        void closed();

        /// The header of a capsule was read.
        ///
        /// @param length bytes of its value
        void capsule(long type, long length);
    }

    /// Nobody writes.
    final class Off implements ConnectionTrace {
        private Off() {}

        @Override
        public void established() {}

        @Override
        public void migrated(boolean fresh) {}

        @Override
        public void packetDropped(PacketType type, int bytes) {}

        @Override
        public void keysUpdated(long generation) {}

        @Override
        public TunnelTrace tunnel(TunnelKind kind) {
            return TunnelTrace.OFF;
        }

        @Override
        public void closed(End end) {}
    }

    /// Nobody writes.
    final class TunnelOff implements TunnelTrace {
        private TunnelOff() {}

        @Override
        public void opened() {}

        @Override
        public void closed() {}

        @Override
        public void capsule(long type, long length) {}
    }
}
