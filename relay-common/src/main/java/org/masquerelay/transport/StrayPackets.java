package org.masquerelay.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.StrayAnswer;

/// Stands before the QUIC codec of a server's socket and answers what it leaves unanswered:
///
/// * packets of versions that are not spoken here, by a version negotiation (RFC 9000, section
///   6.1), whatever their type and however long their connection IDs (RFC 8999, section 5.1)
/// * packets of connections that are not known, by a stateless reset (RFC 9000, section 10.3)
///
/// Both answers are smaller than what they answer, and bounded per second. Confined to the socket's
/// event loop.
final class StrayPackets extends ChannelInboundHandlerAdapter {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int VERSION_NEGOTIATION = 0;

    /// RFC 9000, section 14.1: whoever opens a connection sends this much.
    private static final int MIN_FIRST_DATAGRAM = 1200;

    /// RFC 9000, section 10.3: five bytes that look like a packet, and the token.
    private static final int MIN_RESET = 5 + ResetTokens.BYTES;

    /// As long as the shortest packets of a connection that is alive, and no longer.
    private static final int MAX_RESET = 42;

    private final int idLength;
    private final @Nullable Resets resets;
    private final Listener listener;
    private final Allowance negotiations;
    private final Allowance resetsLeft;

    /// Hears what was answered.
    interface Listener {
        void answered(StrayAnswer answer);
    }

    /// What stateless resets take.
    record Resets(CodecInternals codec, ResetTokens tokens) {}

    /// @param idLength bytes of our connection IDs
    /// @param resets null to leave packets of unknown connections unanswered
    StrayPackets(
            int idLength,
            @Nullable Resets resets,
            int answersPerSecond,
            Ticker ticker,
            Listener listener) {
        this.idLength = idLength;
        this.resets = resets;
        this.listener = listener;
        this.negotiations = new Allowance(answersPerSecond, ticker);
        this.resetsLeft = new Allowance(answersPerSecond, ticker);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var packet = (DatagramPacket) msg;
        var content = packet.content();
        if (!content.isReadable()) {
            packet.release();
        } else if (LongHeader.isAt(content, content.readerIndex())) {
            longHeader(ctx, packet);
        } else if (resets == null) {
            ctx.fireChannelRead(packet);
        } else {
            shortHeader(ctx, packet, resets);
        }
    }

    private void longHeader(ChannelHandlerContext ctx, DatagramPacket packet) {
        var content = packet.content();
        int start = content.readerIndex();
        if (content.readableBytes() <= LongHeader.IDS_OFFSET) {
            packet.release();
        } else if (content.getInt(start + LongHeader.VERSION_OFFSET) == LongHeader.VERSION_1) {
            ctx.fireChannelRead(packet);
        } else {
            negotiate(ctx, packet);
            packet.release();
        }
    }

    private void negotiate(ChannelHandlerContext ctx, DatagramPacket packet) {
        var content = packet.content();
        int start = content.readerIndex();
        if (content.readableBytes() < MIN_FIRST_DATAGRAM
                || content.getInt(start + LongHeader.VERSION_OFFSET) == VERSION_NEGOTIATION) {
            return;
        }
        // Both IDs, of up to 255 bytes, are within the bytes that were counted.
        int destination = start + LongHeader.IDS_OFFSET;
        int source = destination + 1 + content.getUnsignedByte(destination);
        int sourceLength = content.getUnsignedByte(source);
        if (!negotiations.take()) {
            listener.answered(StrayAnswer.SUPPRESSED);
            return;
        }
        var answer = ctx.alloc().directBuffer();
        answer.writeByte(0xc0 | (RANDOM.nextInt() & 0x3f))
                .writeInt(VERSION_NEGOTIATION)
                .writeBytes(content, source, 1 + sourceLength)
                .writeBytes(content, destination, source - destination)
                .writeInt(LongHeader.VERSION_1)
                .writeInt(reservedVersion());
        ctx.writeAndFlush(new DatagramPacket(answer, packet.sender()));
        listener.answered(StrayAnswer.VERSION_NEGOTIATION);
    }

    /// One that nobody speaks, so that clients get used to those they do not know (RFC 9000,
    /// section 6.3).
    private static int reservedVersion() {
        return (RANDOM.nextInt() & 0xf0f0f0f0) | 0x0a0a0a0a;
    }

    /// The codec takes what belongs to a connection off the buffer and leaves anything else where
    /// it is, so that only strays cost a look-up.
    private void shortHeader(ChannelHandlerContext ctx, DatagramPacket packet, Resets known) {
        var content = packet.content();
        int start = content.readerIndex();
        int length = content.readableBytes();
        packet.retain();
        try {
            ctx.fireChannelRead(packet);
            if (content.readerIndex() == start && length > MIN_RESET && length > idLength) {
                var id = new byte[idLength];
                content.getBytes(start + 1, id);
                reset(ctx, packet, ByteBuffer.wrap(id), known);
            }
        } finally {
            packet.release();
        }
    }

    private void reset(
            ChannelHandlerContext ctx, DatagramPacket packet, ByteBuffer id, Resets known) {
        if (known.codec().channel(id.duplicate()) != null) {
            return; // Alive: the packet was damaged, or forged.
        }
        if (!resetsLeft.take()) {
            listener.answered(StrayAnswer.SUPPRESSED);
            return;
        }
        // Shorter than what it answers, so that two relays do not reset each other's resets for
        // ever (RFC 9000, section 10.3.3).
        int length = Math.min(packet.content().readableBytes() - 1, MAX_RESET);
        var random = new byte[length - ResetTokens.BYTES];
        RANDOM.nextBytes(random);
        random[0] = (byte) (0x40 | (random[0] & 0x3f));
        var answer = ctx.alloc().directBuffer(length);
        answer.writeBytes(random).writeBytes(known.tokens().of(id));
        ctx.writeAndFlush(new DatagramPacket(answer, packet.sender()));
        listener.answered(StrayAnswer.STATELESS_RESET);
    }

    /// So many in each second.
    private static final class Allowance {
        private static final long SECOND_NANOS = 1_000_000_000;

        private final int perSecond;
        private final Ticker ticker;
        private long second;
        private int taken;

        Allowance(int perSecond, Ticker ticker) {
            this.perSecond = perSecond;
            this.ticker = ticker;
            this.second = ticker.nanoTime();
        }

        boolean take() {
            long now = ticker.nanoTime();
            if (now - second >= SECOND_NANOS) {
                second = now;
                taken = 0;
            }
            if (taken >= perSecond) {
                return false;
            }
            taken++;
            return true;
        }
    }
}
