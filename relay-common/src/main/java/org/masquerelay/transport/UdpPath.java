package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;

/// A UDP socket of its own for each connection, connected to the peer, so that the kernel tells
/// when nobody listens there.
final class UdpPath implements QuicPath {
    /// RFC 9000, section 18.2: the default, which is what UDP can carry.
    private static final int LONGEST = 65527;

    @Override
    public Future<Channel> open(EventLoop loop, InetSocketAddress peer, ChannelHandler setup) {
        Promise<Channel> opened = loop.newPromise();
        var connected = QuicSockets.udp(loop).handler(setup).connect(peer);
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                opened.tryFailure(done.cause());
            } else if (!opened.trySuccess(connected.channel())) {
                connected.channel().close();
            }
        });
        return opened;
    }

    @Override
    public SegmentedDatagramPacketAllocator segments() {
        return QuicSockets.segments();
    }

    @Override
    public int longestPacket() {
        return LONGEST;
    }
}
