package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// One end of a connection: notes what happens on it.
final class TcpPeer extends ChannelInboundHandlerAdapter {
    final SocketChannel channel;
    final AtomicLong bytes = new AtomicLong();
    final List<String> events = new CopyOnWriteArrayList<>();

    TcpPeer(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var read = (ByteBuf) msg;
        bytes.addAndGet(read.readableBytes());
        read.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        events.add(event.toString());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        events.add(cause.toString());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        events.add("inactive");
    }
}
