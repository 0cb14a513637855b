package org.masquerelay.transport;

import org.masquerelay.wire.Varint;

/// How long our connection IDs may be: the QUIC layer has a fixed space for the transport
/// parameters of a connection, and if they do not fit, it accepts none.
///
/// They hold up to three connection IDs, that of the Retry among them, and the token of stateless
/// resets (RFC 9000, section 18.2).
final class ParameterSpace {
    private static final int SPACE = 128;

    /// A parameter's number and length, one byte each.
    private static final int HEAD = 2;

    /// max_udp_payload_size (4 bytes), initial_max_stream_data_uni (2), initial_max_streams_uni,
    /// ack_delay_exponent, max_ack_delay, active_connection_id_limit (1 each) and
    /// max_datagram_frame_size (4), as the codec sets them.
    private static final int FIXED = 7 * HEAD + 14;

    private ParameterSpace() {}

    /// Bytes of the longest connection ID that leaves room for everything else.
    static int longestConnectionId(ConnectionSettings settings) {
        var quic = settings.quic();
        int taken =
                FIXED
                        + number(settings.idleTimeout().toMillis())
                        + number(settings.connectionWindow())
                        + 2 * number(settings.streamWindow())
                        + number(settings.maxStreams())
                        + (quic.statelessReset() ? HEAD + ResetTokens.BYTES : 0)
                        + HEAD
                        + QuicSettings.MAX_CONNECTION_ID_LENGTH; // What the client first chose.
        int ours = quic.retry().when() == QuicSettings.When.NEVER ? 1 : 2;
        int left = (SPACE - taken) / ours - HEAD;
        return Math.min(left, QuicSettings.MAX_CONNECTION_ID_LENGTH);
    }

    private static int number(long value) {
        return HEAD + Varint.length(value);
    }
}
