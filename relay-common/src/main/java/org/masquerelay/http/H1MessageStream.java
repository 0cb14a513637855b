package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.FlushAtEndOfTurn;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// A request on a connection of HTTP/1.1. Once it is a tunnel the connection is its stream: FIN is
/// TLS's close_notify and the end of TCP's output, a reset is the end of TCP without close_notify.
///
/// Confined to the event loop of its connection.
abstract class H1MessageStream implements MessageStream {
    private final SocketChannel channel;
    private final EndOfTurn endOfTurn;
    private final List<Runnable> onClose = new ArrayList<>(1);
    private @Nullable Receiver receiver;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean allSent;
    private boolean over;

    H1MessageStream(SocketChannel channel, EndOfTurn endOfTurn) {
        this.channel = channel;
        this.endOfTurn = endOfTurn;
    }

    final SocketChannel channel() {
        return channel;
    }

    final @Nullable Receiver receiver() {
        return receiver;
    }

    /// Bytes have come that belong to this stream; consumed.
    final void received(ByteBuf bytes) {
        if (receiver == null || over) {
            bytes.release();
        } else {
            receiver.content(bytes);
        }
    }

    final void readCompleted() {
        if (receiver != null && !over) {
            receiver.readComplete();
        }
    }

    final void writabilityChanged() {
        if (receiver != null && !over) {
            receiver.writabilityChanged();
        }
    }

    /// The peer has ended its direction in an orderly way.
    final void inputEnded() {
        if (receiver != null && !over && !inputEnded) {
            inputEnded = true;
            receiver.finished();
            closeIfDone();
        }
    }

    /// The peer has cut its direction off, or broken the format.
    final void failed() {
        if (receiver != null && !over) {
            receiver.failed(Failure.RESET);
        }
        if (!over) {
            reset(ResetCause.CANCELLED);
        }
    }

    /// The stream is over: its connection is gone, or free for the next request.
    final void ended() {
        over = true;
        if (receiver != null) {
            receiver.closed();
            receiver = null;
        }
        onClose.forEach(Runnable::run);
        onClose.clear();
    }

    @Override
    public final HttpVersion version() {
        return HttpVersion.H1;
    }

    @Override
    public final EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public final EndOfTurn endOfTurn() {
        return endOfTurn;
    }

    @Override
    public final ByteBufAllocator alloc() {
        return channel.alloc();
    }

    @Override
    public final void receiver(Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public void write(ByteBuf content) {
        send(content);
    }

    /// Writes a message that the peer has to get.
    final void send(Object message) {
        channel.writeAndFlush(message)
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        failed();
                    }
                });
    }

    @Override
    public void finish() {
        if (over || outputEnded) {
            return;
        }
        outputEnded = true;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> endOutput());
        flush();
    }

    private void endOutput() {
        allSent = true;
        if (inputEnded) {
            channel.close();
            return;
        }
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            channel.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(_ -> channel.shutdownOutput());
        }
    }

    private void flush() {
        var flusher = channel.pipeline().get(FlushAtEndOfTurn.class);
        if (flusher != null) {
            flusher.flushNow();
        }
    }

    private void closeIfDone() {
        if (inputEnded && allSent) {
            channel.close();
        }
    }

    @Override
    public final void reset(ResetCause cause) {
        if (over) {
            return;
        }
        over = true;
        if (!channel.isOpen()) {
            return;
        }
        channel.config().setSoLinger(0); // The kernel sends RST instead of FIN.
        var tls = channel.pipeline().context(SslHandler.class);
        if (tls == null) {
            channel.close();
        } else {
            tls.close(); // Past TLS, which would say close_notify.
        }
    }

    @Override
    public final boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void read() {
        // Once its input is shut down, asking for a read would make Netty's epoll transport close
        // the channel and kill the direction that is still open.
        if (!channel.isInputShutdown()) {
            channel.read();
        }
    }

    @Override
    public void autoRead(boolean on) {
        if (!channel.isInputShutdown()) {
            channel.config().setAutoRead(on);
        }
    }

    @Override
    public final boolean isActive() {
        return !over && channel.isActive();
    }

    /// The stream is its connection, so a peer that breaks it off resets the stream. One that has
    /// said close_notify before has finished, and breaks nothing off.
    @Override
    public final boolean isConnectionLost() {
        return inputEnded;
    }

    @Override
    public final void whenClosed(Runnable action) {
        onClose.add(action);
    }

    @Override
    public final @Nullable QuicDatagrams datagrams() {
        return null;
    }
}
