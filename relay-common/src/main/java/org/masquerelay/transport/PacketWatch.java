package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.ConnectionTrace.PacketType;
import org.masquerelay.observe.PacketInterest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands right before the QUIC codec and tells the traces of its connections what the QUIC layer
/// tells nobody: which packets were dropped, and that the peer has updated its keys.
///
/// The QUIC layer counts the packets of a connection that it took; of a datagram, those that are
/// not counted were dropped. It stops at the first of them, and what follows in the datagram goes
/// with it.
///
/// Packets cost nothing while no connection of the socket is watched. While one is, each packet of
/// the socket costs a look-up, and those of watched connections a question to native code and,
/// where keys matter, a block of the cipher. Confined to the event loop of the socket.
public final class PacketWatch extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(PacketWatch.class);
    private static final long UNKNOWN = -1;

    private final int idLength;
    private final @Nullable CodecInternals codec;
    private final boolean keys;
    private final Map<QuicChannel, Watched> watched = new HashMap<>();
    private final CoalescedPackets packets = new CoalescedPackets();

    /// Of what was read since the codec last looked at its connections.
    private final List<Drop> drops = new ArrayList<>();

    private record Drop(QuicChannel quic, ConnectionTrace trace, PacketType type, int bytes) {}

    /// @param idLength bytes of our connection IDs
    /// @param codec what knows whose packet is whose; null where the socket carries one connection
    PacketWatch(int idLength, @Nullable CodecInternals codec, PacketInterest interest) {
        this.idLength = idLength;
        this.codec = codec;
        this.keys = interest == PacketInterest.DROPS_AND_KEYS;
    }

    /// Tells `trace` of the packets that come for `quic` from the next datagram on, until it is
    /// closed; nothing where listener or dialer were given [PacketInterest#NONE]. To be called when
    /// the channel is set up.
    public static void watch(QuicChannel quic, ConnectionTrace trace) {
        var watch = quic.parent().pipeline().get(PacketWatch.class);
        if (watch == null || trace.equals(ConnectionTrace.OFF)) {
            return;
        }
        watch.watched.put(quic, watch.new Watched(quic, trace));
        quic.closeFuture().addListener(_ -> watch.watched.remove(quic));
        var engine = quic.sslEngine();
        if (engine != null) {
            prepare(quic, engine);
        }
    }

    /// For a connection whose engine is made after its channel was set up.
    static void prepare(QuicChannel quic, SSLEngine engine) {
        var watch = quic.parent().pipeline().get(PacketWatch.class);
        if (watch != null && watch.keys && watch.watched.containsKey(quic)) {
            HeaderKeys.want(engine);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var connection = watched.isEmpty() ? null : arrives(((DatagramPacket) msg).content());
        ctx.fireChannelRead(msg);
        if (connection != null && watched.containsKey(connection.quic)) {
            connection.tellOutcome();
        }
    }

    /// Whose datagram it is, if that is watched and everything is well with it. Whatever happens
    /// here, packets go on.
    private @Nullable Watched arrives(ByteBuf datagram) {
        Watched connection = null;
        try {
            connection = find(datagram);
            if (connection != null) {
                connection.arrives(datagram);
            }
            return connection;
        } catch (RuntimeException failure) {
            if (connection == null) {
                watched.clear();
            } else {
                watched.remove(connection.quic);
            }
            LOG.warn("dropped packets are no longer told of", failure);
            return null;
        }
    }

    /// A connection that ends by what was read, as by a stateless reset, is closed by the codec
    /// here: what ended it was not dropped.
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        for (var drop : drops) {
            if (watched.containsKey(drop.quic)) {
                drop.trace.packetDropped(drop.type, drop.bytes);
            }
        }
        drops.clear();
    }

    private @Nullable Watched find(ByteBuf datagram) {
        if (codec == null) {
            return watched.values().iterator().next();
        }
        int start = datagram.readerIndex();
        int end = datagram.writerIndex();
        int id = start + 1;
        int length = idLength;
        if (LongHeader.isAt(datagram, start)) {
            int lengthAt = start + LongHeader.IDS_OFFSET;
            if (lengthAt >= end) {
                return null;
            }
            id = lengthAt + 1;
            length = datagram.getUnsignedByte(lengthAt);
        }
        return id + length > end
                ? null
                : watched.get(codec.channel(datagram.nioBuffer(id, length)));
    }

    private final class Watched {
        private final QuicChannel quic;
        private final ConnectionTrace trace;
        private @Nullable KeyPhases phases;
        private long taken = UNKNOWN;

        Watched(QuicChannel quic, ConnectionTrace trace) {
            this.quic = quic;
            this.trace = trace;
        }

        /// Before decryption changes the datagram.
        void arrives(ByteBuf datagram) {
            if (taken == UNKNOWN) {
                taken = takenByNow();
            }
            packets.read(datagram);
            int last = packets.count() - 1;
            if (keys && last >= 0 && packets.type(last) == PacketType.ONE_RTT) {
                if (phases == null) {
                    phases = phases();
                }
                if (phases != null) {
                    phases.arrives(datagram, packets.start(last));
                }
            }
        }

        /// Keys are not updated before the handshake is complete (RFC 9001, section 6).
        private @Nullable KeyPhases phases() {
            return HeaderKeys.of(quic)
                    .map(protection -> new KeyPhases(protection, idLength))
                    .orElse(null);
        }

        void tellOutcome() {
            long now = takenByNow();
            long stillTaken = now - taken;
            taken = now;
            for (int i = 0; i < packets.count(); i++) {
                var type = packets.type(i);
                // Nothing here takes early data; the QUIC layer may go on behind it all the same.
                boolean isTaken = type != PacketType.ZERO_RTT && stillTaken-- > 0;
                if (!isTaken) {
                    drops.add(new Drop(quic, trace, type, packets.length(i)));
                } else if (type == PacketType.ONE_RTT && phases != null && phases.taken()) {
                    trace.keysUpdated(phases.generation());
                }
            }
        }

        /// On the loop of the connection, the answer is there at once.
        private long takenByNow() {
            if (quic.sslEngine() == null) {
                return 0; // It does not exist yet.
            }
            var answer = quic.collectStats();
            QuicConnectionStats stats = answer.isSuccess() ? answer.getNow() : null;
            return stats == null ? Math.max(taken, 0) : stats.recv();
        }
    }
}
