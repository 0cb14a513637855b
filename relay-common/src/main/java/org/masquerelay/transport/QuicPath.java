package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;

/// What the packets of a dialled QUIC connection travel on.
///
/// Shared by the event loops. One channel carries one connection, and ends with it.
public sealed interface QuicPath permits UdpPath, TunnelPath {
    /// UDP, straight to the peer.
    QuicPath UDP = new UdpPath();

    /// Opens a channel to `peer` on `loop`, which the caller is on; its messages are
    /// [io.netty.channel.socket.DatagramPacket]s. `setup` is in its pipeline before the first. Who
    /// cancels the future closes what opens all the same.
    Future<Channel> open(EventLoop loop, InetSocketAddress peer, ChannelHandler setup);

    /// How packets are put together that leave in one go.
    SegmentedDatagramPacketAllocator segments();

    /// Bytes of the longest UDP payload that comes through; the peer is told (RFC 9000, section
    /// 18.2).
    int longestPacket();
}
