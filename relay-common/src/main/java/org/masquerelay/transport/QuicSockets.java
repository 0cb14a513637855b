package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.util.concurrent.TimeUnit;

/// How the UDP sockets and the codecs of QUIC are set up, the same for both sides of a hop.
final class QuicSockets {
    /// Segments handed to the kernel in one go (GSO). 64 of 1350 bytes would not fit a UDP length.
    private static final int SEGMENTS = 24;

    /// What the kernel hands up in one go (GRO) is at most this long.
    private static final int RECEIVE_BUFFER = 65536;

    private static final int READS_PER_TURN = 64;

    /// Bursts of many tunnels share one socket.
    private static final int SOCKET_BUFFER = 8 << 20;

    /// Datagrams waiting in quiche. It drops the rest of a write silently when its send queue is
    /// full, so the queue is much longer than what is ever written in one go; see `H3Datagrams`.
    private static final int DATAGRAM_RECEIVE_QUEUE = 4096;

    private static final int DATAGRAM_SEND_QUEUE = 4096;

    /// Each change of a client's address uses one connection ID up; with the usual two, the second
    /// change would stall the connection.
    private static final long CONNECTION_IDS = 32;

    private QuicSockets() {}

    static Bootstrap udp(EventLoop loop) {
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(EventLoops.datagramChannel())
                        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(RECEIVE_BUFFER)
                                        .maxMessagesPerRead(READS_PER_TURN));
        if (EventLoops.usesEpoll()) {
            // GRO together with recvmmsg would lose datagrams: one or the other.
            bootstrap
                    .option(EpollChannelOption.UDP_GRO, true)
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 0)
                    // Sets "don't fragment", which Netty leaves off.
                    .option(DontFragment.OPTION, DontFragment.PROBING);
        }
        return bootstrap;
    }

    static <B extends QuicCodecBuilder<B>> B limits(B codec, ConnectionSettings settings) {
        return codec.maxIdleTimeout(settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .maxSendUdpPayloadSize(settings.maxUdpPayload())
                .initialMaxData(settings.connectionWindow())
                .initialMaxStreamDataBidirectionalLocal(settings.streamWindow())
                .initialMaxStreamDataBidirectionalRemote(settings.streamWindow())
                .initialMaxStreamsBidirectional(settings.maxStreams())
                .activeConnectionIdLimit(CONNECTION_IDS)
                .datagram(DATAGRAM_RECEIVE_QUEUE, DATAGRAM_SEND_QUEUE);
    }

    static ChannelOption<SegmentedDatagramPacketAllocator> segmentation() {
        return QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR;
    }

    static SegmentedDatagramPacketAllocator segments() {
        return EventLoops.usesEpoll()
                ? EpollQuicUtils.newSegmentedAllocator(SEGMENTS)
                : SegmentedDatagramPacketAllocator.NONE;
    }

    /// How many datagrams one QUIC connection hands over before others on the loop have their turn.
    static RecvByteBufAllocator datagramsPerRead() {
        return new FixedRecvByteBufAllocator(2048).maxMessagesPerRead(256);
    }
}
