package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Targets of several kinds, told by the host that is asked for. Like a splice, they send no more
/// than their tunnel takes.
final class AbuseService implements TunnelService {
    /// Sends back what comes.
    static final String ECHO = "echo.test:7";

    /// Sends for as long as the tunnel lets it.
    static final String FOUNTAIN = "fountain.test:7";

    /// Never reads.
    static final String WALL = "wall.test:7";

    /// Is never reached.
    static final String SILENCE = "silence.test:7";

    private static final int BLOCK = 16 * 1024;
    private static final int BLOCKS_PER_TURN = 16;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger responded = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean relays;

    /// Takes whoever has a certificate for a relay from now on.
    void trustRelays() {
        relays = true;
    }

    @Override
    public boolean isRelay(Peer peer) {
        return relays && !peer.certificates().isEmpty();
    }

    @Override
    public void open(TunnelExchange exchange) {
        asked.incrementAndGet();
        var target = exchange.request().target().toString();
        if (target.equals(SILENCE)) {
            waiting.incrementAndGet();
            exchange.whenAbandoned(() -> {
                exchange.abandon();
                waiting.decrementAndGet();
            });
            return;
        }
        var tunnel = exchange.accept(HeaderFields.NONE);
        open.incrementAndGet();
        switch (target) {
            case FOUNTAIN -> {
                var fountain = new Fountain(tunnel, exchange.eventLoop());
                tunnel.attach(fountain);
                fountain.pour();
            }
            case WALL -> {
                tunnel.attach(new Target(tunnel));
                tunnel.pause();
            }
            default -> tunnel.attach(new Echo(tunnel));
        }
    }

    @Override
    public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
        responded.incrementAndGet();
        then.accept(new PlainResponse(200, HeaderFields.NONE, ByteBuffer.wrap(new byte[0])));
    }

    /// Tunnels that were asked for so far.
    int asked() {
        return asked.get();
    }

    /// Ordinary requests so far.
    int responded() {
        return responded.get();
    }

    /// Tunnels that are open or asked for.
    int open() {
        return open.get() + waiting.get();
    }

    /// Bytes that fountains have sent.
    long sent() {
        return sent.get();
    }

    /// Reads and does not care.
    private class Target implements TunnelSink {
        final TunnelStream tunnel;

        Target(TunnelStream tunnel) {
            this.tunnel = tunnel;
        }

        @Override
        public void received(ByteBuf payload) {
            payload.release();
        }

        @Override
        public void finished() {}

        @Override
        public void writable() {}

        @Override
        public void closed(StreamEnd end) {
            open.decrementAndGet();
        }
    }

    private final class Fountain extends Target {
        private final EventLoop loop;
        private boolean over;

        Fountain(TunnelStream tunnel, EventLoop loop) {
            super(tunnel);
            this.loop = loop;
        }

        void pour() {
            for (int i = 0; i < BLOCKS_PER_TURN && tunnel.isWritable(); i++) {
                tunnel.write(Unpooled.wrappedBuffer(new byte[BLOCK]));
                sent.addAndGet(BLOCK);
            }
            if (!over && tunnel.isWritable()) {
                loop.execute(this::pour);
            }
        }

        @Override
        public void writable() {
            if (!over) {
                pour();
            }
        }

        @Override
        public void closed(StreamEnd end) {
            over = true;
            super.closed(end);
        }
    }

    private final class Echo extends Target {
        Echo(TunnelStream tunnel) {
            super(tunnel);
        }

        @Override
        public void received(ByteBuf payload) {
            tunnel.write(payload);
            if (!tunnel.isWritable()) {
                tunnel.pause();
            }
        }

        @Override
        public void finished() {
            tunnel.finish();
        }

        @Override
        public void writable() {
            tunnel.resume();
        }
    }
}
