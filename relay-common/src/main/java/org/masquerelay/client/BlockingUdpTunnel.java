package org.masquerelay.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A [UdpTunnel] on a [TunnelStream]: a bounded queue between the event loop and the threads that
/// receive.
final class BlockingUdpTunnel implements UdpTunnel, TunnelSink {
    /// Datagrams that nobody has received yet; further ones are dropped, as a socket buffer would.
    private static final int MAX_QUEUED = 1024;

    /// Datagrams on their way to the event loop; further ones are dropped likewise.
    private static final int MAX_UNSENT = 1024;

    /// Wakes receivers when the tunnel has ended; compared by identity.
    private static final byte[] END = new byte[0];

    private final EventLoop loop;
    private final TunnelStream stream;
    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile boolean closed;

    /// On the event loop of the stream.
    BlockingUdpTunnel(EventLoop loop, TunnelStream stream) {
        this.loop = loop;
        this.stream = stream;
        stream.attach(this);
    }

    @Override
    public void received(ByteBuf payload) {
        if (received.size() < MAX_QUEUED) {
            var bytes = new byte[payload.readableBytes()];
            payload.readBytes(bytes);
            received.add(bytes);
        }
        payload.release();
    }

    @Override
    public void finished() {
        stream.finish();
    }

    @Override
    public void writable() {}

    @Override
    public void closed(StreamEnd end) {
        closed = true;
        received.add(END);
    }

    @Override
    public void send(byte[] payload) throws IOException {
        if (closed) {
            throw new IOException("the tunnel is closed");
        }
        if (unsent.incrementAndGet() > MAX_UNSENT) {
            unsent.decrementAndGet();
            return;
        }
        var copy = Unpooled.copiedBuffer(payload);
        loop.execute(() -> {
            unsent.decrementAndGet();
            stream.write(copy);
        });
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // END is a mark, not a datagram.
    public Optional<byte[]> receive(Duration timeout) throws IOException {
        try {
            var datagram = received.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (datagram == END) {
                received.add(END); // For the next receiver.
                throw new IOException("the tunnel is closed");
            }
            return Optional.ofNullable(datagram);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    @Override
    public void close() {
        loop.execute(() -> {
            stream.finish();
            if (!closed) {
                loop.schedule(() -> stream.reset(ResetCause.CANCELLED), 1, TimeUnit.SECONDS);
            }
        });
    }
}
