package org.masquerelay.gate;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.LogId;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// A request that only a gate looks at.
public record FakeExchange(TunnelRequest request, EventLoop eventLoop) implements TunnelExchange {
    static final HostPort TARGET = new HostPort("target.example", 443);

    public static FakeExchange tcp(EventLoop loop, HeaderFields fields) {
        return of(loop, fields, "target.example:443", null);
    }

    static FakeExchange udp(EventLoop loop, HeaderFields fields, String path) {
        return of(loop, fields, "relay.example", path);
    }

    private static FakeExchange of(
            EventLoop loop, HeaderFields fields, String authority, @Nullable String path) {
        boolean udp = path != null;
        var head =
                new RequestHead(
                        "CONNECT",
                        udp ? "https" : null,
                        authority,
                        path,
                        udp ? "connect-udp" : null,
                        fields);
        var peer =
                new Peer(
                        new InetSocketAddress("192.0.2.1", 4711),
                        List.<X509Certificate>of(),
                        "h3",
                        HttpVersion.H3);
        var kind = udp ? TunnelKind.UDP : TunnelKind.TCP;
        return new FakeExchange(new TunnelRequest(kind, TARGET, head, peer), loop);
    }

    @Override
    public LogId id() {
        return new LogId();
    }

    @Override
    public TunnelStream accept(HeaderFields fields) {
        throw new IllegalStateException("the gate accepts nothing");
    }

    @Override
    public void refuse(Refusal refusal) {
        throw new IllegalStateException("the gate refuses by a decision");
    }

    @Override
    public void whenAbandoned(Runnable action) {
        // Nobody leaves here.
    }

    @Override
    public boolean isAbandoned() {
        return false;
    }

    @Override
    public void abandon() {
        throw new AssertionError("the gate only decides");
    }
}
