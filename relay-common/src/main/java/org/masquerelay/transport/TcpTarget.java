package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A TCP connection to a target.
///
/// Confined to the event loop of its channel. It reads once per turn, so that what came in
/// meanwhile is read and sent on in one piece.
final class TcpTarget extends ChannelInboundHandlerAdapter implements TunnelStream, EndOfTurn.Task {
    private final SocketChannel channel;
    private final EndOfTurn endOfTurn;
    private @Nullable TunnelSink sink;
    private boolean reading;
    private boolean queued;
    private boolean unflushed;
    private boolean inputEnded;
    private boolean finishing;
    private boolean outputEnded;
    private boolean reset;
    private boolean gone;

    TcpTarget(SocketChannel channel, EndOfTurn endOfTurn) {
        this.channel = channel;
        this.endOfTurn = endOfTurn;
    }

    @Override
    public void attach(TunnelSink sink) {
        this.sink = sink;
        if (gone) {
            sink.closed(StreamEnd.RESET);
        } else {
            resume();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var bytes = (ByteBuf) msg;
        if (sink == null) {
            bytes.release();
        } else {
            sink.received(bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        queue();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
            inputEnded = true;
            if (sink != null) {
                sink.finished();
            }
            closeIfDone();
        }
    }

    @Override
    public void write(ByteBuf payload) {
        if (finishing || !channel.isActive()) {
            payload.release();
            return;
        }
        unflushed = true;
        channel.write(payload, channel.voidPromise());
        queue();
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        datagram.release(); // A byte stream has none.
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        part.release(); // RFC 9297, section 3.2: the end of the chain skips what it does not know.
    }

    private void queue() {
        if (!queued) {
            queued = true;
            endOfTurn.add(this);
        }
    }

    @Override
    public void endOfTurn() {
        queued = false;
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
        // Once its input is shut down, asking for a read would make Netty's epoll transport close
        // the channel and
        // kill the direction that is still open.
        if (reading && !channel.isInputShutdown()) {
            channel.read();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && sink != null) {
            sink.writable();
        }
    }

    @Override
    public void pause() {
        reading = false;
    }

    @Override
    public void resume() {
        reading = true;
        queue();
    }

    @Override
    public void finish() {
        if (finishing || !channel.isActive()) {
            return;
        }
        finishing = true;
        // shutdownOutput() alone would overtake what is still queued: it waits for the last write.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(_ ->
                        channel.shutdownOutput()
                                .addListener(_ -> {
                                    outputEnded = true;
                                    closeIfDone();
                                }));
    }

    private void closeIfDone() {
        if (inputEnded && outputEnded) {
            channel.close();
        }
    }

    @Override
    public void reset(ResetCause cause) {
        if (!channel.isOpen()) {
            return;
        }
        reset = true;
        channel.config().setSoLinger(0); // The kernel sends RST instead of FIN.
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reset(ResetCause.CONNECT_ERROR);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        if (sink != null) {
            sink.closed(!reset && inputEnded && outputEnded ? StreamEnd.FINISHED : StreamEnd.RESET);
        }
    }
}
