package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Echoes what comes through a tunnel, at once or when the test says so.
public final class ScriptedService implements TunnelService {
    private final Answer answer;
    private final BlockingQueue<TunnelExchange> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamEnd> ended = new LinkedBlockingQueue<>();
    private final AtomicInteger open = new AtomicInteger();

    /// When requests are granted.
    public enum Answer {
        AT_ONCE,
        LATER
    }

    ScriptedService(Answer answer) {
        this.answer = answer;
    }

    @Override
    public void open(TunnelExchange exchange) {
        if (answer == Answer.AT_ONCE) {
            echo(exchange);
        }
        asked.add(exchange);
    }

    @Override
    public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
        then.accept(new PlainResponse(200, HeaderFields.NONE, ByteBuffer.wrap(new byte[0])));
    }

    /// The next request that came, whether or not it is answered.
    public TunnelExchange next() throws InterruptedException {
        var exchange = asked.poll(10, TimeUnit.SECONDS);
        if (exchange == null) {
            throw new AssertionError("no request within 10 s");
        }
        return exchange;
    }

    public boolean wasAsked() {
        return !asked.isEmpty();
    }

    /// How the next tunnel ended.
    public StreamEnd nextEnd() throws InterruptedException {
        var end = ended.poll(10, TimeUnit.SECONDS);
        if (end == null) {
            throw new AssertionError("no end within 10 s");
        }
        return end;
    }

    /// Looks only at the requests that come from now on.
    void forgetRequests() {
        asked.clear();
    }

    /// Waits until no tunnel is open, and looks only at what comes from now on.
    void startAfresh() {
        Await.until("all tunnels are over", () -> open.get() == 0);
        forgetRequests();
        forgetEnds();
    }

    /// Looks only at the tunnels that end from now on.
    void forgetEnds() {
        ended.clear();
    }

    /// Opens the tunnel of an exchange that waits.
    public void acceptLater(TunnelExchange exchange) {
        exchange.eventLoop().execute(() -> echo(exchange));
    }

    private void echo(TunnelExchange exchange) {
        var tunnel = exchange.accept(HeaderFields.NONE);
        open.incrementAndGet();
        tunnel.attach(new Echo(tunnel));
    }

    private final class Echo implements TunnelSink {
        private final TunnelStream tunnel;

        Echo(TunnelStream tunnel) {
            this.tunnel = tunnel;
        }

        @Override
        public void received(ByteBuf payload) {
            tunnel.write(payload);
        }

        @Override
        public void datagram(ByteBuf datagram) {
            tunnel.writeDatagram(datagram);
        }

        @Override
        public void capsule(ByteBuf part, boolean last) {
            tunnel.writeCapsule(part, last);
        }

        @Override
        public void finished() {
            tunnel.finish();
        }

        @Override
        public void writable() {}

        @Override
        public void closed(StreamEnd end) {
            ended.add(end);
            open.decrementAndGet();
        }
    }
}
