package org.masquerelay.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;

/// Leaves out datagrams that are shorter than any packet of QUIC (RFC 9000, section 10.3). What
/// gives packets to their loops would lose the buffer of each and log it at length.
@ChannelHandler.Sharable
final class Runts extends ChannelInboundHandlerAdapter {
    static final Runts INSTANCE = new Runts();

    private static final int MIN_PACKET = 21;

    private Runts() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var packet = (DatagramPacket) msg;
        if (packet.content().readableBytes() < MIN_PACKET) {
            packet.release();
        } else {
            ctx.fireChannelRead(packet);
        }
    }
}
