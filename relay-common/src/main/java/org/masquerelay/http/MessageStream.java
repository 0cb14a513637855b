package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// The stream of one request, as either side of a hop sees it: a request stream of HTTP/3, a stream
/// of HTTP/2, or all of a connection of HTTP/1.1.
///
/// What it carries is the content of the message, or after an upgrade the bytes of the connection:
/// the data stream of RFC 9297, section 3.1. Confined to its event loop.
interface MessageStream {
    HttpVersion version();

    EventLoop eventLoop();

    EndOfTurn endOfTurn();

    ByteBufAllocator alloc();

    /// From now on `receiver` hears what arrives.
    void receiver(Receiver receiver);

    /// Sends `content`, which is consumed, by the end of the turn.
    void write(ByteBuf content);

    /// Ends our direction once everything written is sent.
    void finish();

    /// Ends both directions at once.
    void reset(ResetCause cause);

    /// False when more content should wait for [Receiver#writabilityChanged()].
    boolean isWritable();

    /// Asks for what has arrived, once.
    void read();

    /// Whether what arrives is delivered unasked.
    void autoRead(boolean on);

    /// False once both directions are gone.
    boolean isActive();

    /// Whether a stream that ends now ends with the connection beneath it, and not by itself.
    /// [Receiver#closed()] then follows whatever else is heard.
    boolean isConnectionLost();

    /// Runs `action` when both directions are gone.
    void whenClosed(Runnable action);

    /// The QUIC datagrams of this stream, or null where there are none.
    @Nullable QuicDatagrams datagrams();

    /// The HTTP Datagrams of a stream that travel in QUIC DATAGRAM frames (RFC 9297, section 2.1).
    interface QuicDatagrams {
        /// Whether both sides have agreed on them. Otherwise datagrams are capsules.
        boolean isUsable();

        /// Starts delivery; datagrams that overtook the request are delivered at once.
        void open(H3Datagrams.Receiver receiver);

        /// Ends delivery.
        void close();

        /// Sends a UDP payload, which is consumed.
        void send(ByteBuf payload);

        /// Sends an HTTP Datagram, context ID included, which is consumed.
        void sendDatagram(ByteBuf datagram);
    }

    /// Hears what arrives on a stream.
    interface Receiver {
        /// Content of the message; consumed.
        void content(ByteBuf bytes);

        /// What had arrived is delivered.
        default void readComplete() {}

        /// The peer sends nothing more.
        void finished();

        /// A field section where there is none: RFC 9114, section 4.4, and RFC 9113, section 8.5,
        /// know no trailers of tunnels.
        void trailers();

        /// The stream takes more, or less, than before.
        default void writabilityChanged() {}

        /// The peer has reset the stream, or broken its format; the receiver resets it in turn.
        void failed(Failure failure);

        /// Both directions are gone; the last call.
        void closed();
    }

    /// How a peer ended a stream before its time.
    enum Failure {
        /// It has not looked at the request (RFC 9114, section 8.1, and RFC 9113, section 8.7).
        REFUSED,
        RESET,
        /// What came is no message (RFC 9113, section 8.1.1).
        MALFORMED;

        /// How a tunnel is reset in turn.
        ResetCause answer() {
            return this == MALFORMED ? ResetCause.MESSAGE_ERROR : ResetCause.CANCELLED;
        }
    }
}
