package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.wire.Varint;

/// The HTTP Datagrams of one HTTP/3 connection (RFC 9297, section 2.1): hands each that arrives to
/// its stream, and sends those of all streams with one flush per turn.
///
/// Stands behind Netty's HTTP/3 connection handler and passes on what is not a datagram. Confined
/// to the event loop of the connection.
final class H3Datagrams extends ChannelInboundHandlerAdapter implements EndOfTurn.Task {
    static final int H3_DATAGRAM_ERROR = 0x33;
    static final int H3_ID_ERROR = 0x108;

    /// quiche's send queue holds 4096. What exceeds it is dropped without a word, so a flush stays
    /// far below.
    private static final int MAX_UNFLUSHED = 512;

    private final EndOfTurn endOfTurn;
    private final Losses losses;
    private final EarlyDatagrams early;
    private final long streamCredit;
    private final LongObjectMap<Receiver> receivers = new LongObjectHashMap<>();
    private @Nullable ChannelHandlerContext ctx;
    private long newestQuarterId = -1;
    private long newestSeen = -1;
    private int maxLength;
    private boolean peerTakesDatagrams;
    private int unflushed;

    /// The datagrams of one stream.
    MessageStream.QuicDatagrams of(long streamId) {
        return new OfStream(streamId);
    }

    private final class OfStream implements MessageStream.QuicDatagrams {
        private final long streamId;

        OfStream(long streamId) {
            this.streamId = streamId;
        }

        @Override
        public boolean isUsable() {
            return H3Datagrams.this.isUsable();
        }

        @Override
        public void open(Receiver receiver) {
            H3Datagrams.this.open(streamId, receiver);
        }

        @Override
        public void close() {
            H3Datagrams.this.close(streamId);
        }

        @Override
        public void send(ByteBuf payload) {
            H3Datagrams.this.send(streamId, payload);
        }

        @Override
        public void sendDatagram(ByteBuf datagram) {
            H3Datagrams.this.sendDatagram(streamId, datagram);
        }
    }

    /// A stream that datagrams arrive for.
    interface Receiver {
        /// An HTTP Datagram from its context ID on; consumed.
        void datagram(ByteBuf datagram);
    }

    /// @param streamCredit how many requests the peer may have open, or a negative number on the
    ///   client side
    H3Datagrams(EndOfTurn endOfTurn, long streamCredit, Losses losses) {
        this.endOfTurn = endOfTurn;
        this.streamCredit = streamCredit;
        this.losses = losses;
        this.early = new EarlyDatagrams(losses);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof QuicDatagramExtensionEvent extension) {
            maxLength = extension.maxLength();
        }
        ctx.fireUserEventTriggered(event);
    }

    /// The peer's SETTINGS are here.
    void peerSettings(boolean takesDatagrams) {
        peerTakesDatagrams = takesDatagrams;
    }

    /// Whether datagrams go as QUIC DATAGRAM frames; otherwise they travel as capsules on their
    /// stream.
    boolean isUsable() {
        return peerTakesDatagrams && maxLength > 0;
    }

    /// The peer has opened a request stream, for whatever it asks.
    void seen(long streamId) {
        newestSeen = Math.max(newestSeen, streamId >> 2);
    }

    /// A request stream has turned into something that datagrams may or may not belong to.
    void open(long streamId, Receiver receiver) {
        long quarterId = streamId >> 2;
        newestQuarterId = Math.max(newestQuarterId, quarterId);
        receivers.put(quarterId, receiver);
        early.deliver(quarterId, receiver);
    }

    void close(long streamId) {
        receivers.remove(streamId >> 2);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf datagram) {
            receive(datagram);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void receive(ByteBuf datagram) {
        long quarterId = Varint.tryRead(datagram);
        if (quarterId < 0 || quarterId > HttpDatagram.MAX_QUARTER_STREAM_ID) {
            fail(datagram, H3_DATAGRAM_ERROR);
            return;
        }
        var receiver = receivers.get(quarterId);
        if (receiver != null) {
            receiver.datagram(datagram);
        } else if (quarterId <= newestQuarterId || streamCredit < 0) {
            datagram.release();
            losses.dropped(DropReason.NO_STREAM);
        } else if (quarterId - newestSeen > streamCredit) {
            // Credit is given back one stream at a time, so this ID was never granted.
            fail(datagram, H3_ID_ERROR);
        } else {
            early.hold(quarterId, datagram);
        }
    }

    private void fail(ByteBuf datagram, int code) {
        datagram.release();
        var context = context();
        ((QuicChannel) context.channel()).close(true, code, context.alloc().buffer(0));
    }

    /// Sends a UDP payload, which is consumed, as a datagram of the stream.
    void send(long streamId, ByteBuf payload) {
        long quarterId = streamId >> 2;
        if (canSend(quarterId, payload, payload.readableBytes() + 1)) {
            write(HttpDatagram.quicDatagram(context().alloc(), quarterId, payload));
        }
    }

    /// Sends an HTTP Datagram, context ID included, which is consumed, as a datagram of the stream.
    void sendDatagram(long streamId, ByteBuf datagram) {
        long quarterId = streamId >> 2;
        if (canSend(quarterId, datagram, datagram.readableBytes())) {
            write(HttpDatagram.quicDatagramOf(context().alloc(), quarterId, datagram));
        }
    }

    private boolean canSend(long quarterId, ByteBuf datagram, int length) {
        if (Varint.length(quarterId) + length > maxLength) {
            datagram.release();
            losses.dropped(DropReason.TOO_LARGE);
            return false;
        }
        if (!context().channel().isActive()) {
            datagram.release();
            return false;
        }
        return true;
    }

    private void write(ByteBuf datagram) {
        var context = context();
        context.write(datagram, context.voidPromise());
        if (unflushed++ == 0) {
            endOfTurn.add(this);
        } else if (unflushed % MAX_UNFLUSHED == 0) {
            context.flush();
        }
    }

    @Override
    public void endOfTurn() {
        unflushed = 0;
        context().flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        early.close();
        ctx.fireChannelInactive();
    }

    private ChannelHandlerContext context() {
        var context = ctx;
        if (context == null) {
            throw new IllegalStateException("handler: not in a pipeline (expected: added)");
        }
        return context;
    }
}
