package org.masquerelay.cli.bench;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;

/// Sends every datagram back to where it came from.
final class EchoTarget extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var datagram = (DatagramPacket) message;
        ctx.write(new DatagramPacket(datagram.content(), datagram.sender()), ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A sender has gone, or a buffer was full: its datagram is lost, which the sender counts.
    }
}
