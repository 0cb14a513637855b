package org.masquerelay.cli.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.token.TokenType;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// How tunnels to targets of this machine are opened: over no relay, one or two.
sealed interface Route extends AutoCloseable permits Route.Direct, RelayedRoute {
    /// For each answer.
    Duration TIMEOUT = Duration.ofSeconds(10);

    /// Opens a tunnel to a port of the loopback address; blocks until it is open.
    TunnelStream open(TunnelKind kind, int port) throws IOException;

    @Override
    void close();

    /// Fails if nobody takes payment there; tunnels dial by themselves.
    static Route over(Plan plan, EventLoops loops) throws IOException {
        int hops = plan.measured().hops();
        if (hops == 0) {
            return new Direct(loops);
        }
        if (hops == 1) {
            var pki = DevelopmentPki.open(plan.endpoints().pki(), Clock.systemUTC());
            return new RelayedRoute(
                    loops,
                    localhost(plan.endpoints().egress()),
                    pki.ingressUpstream(),
                    plan.transport(),
                    new Payment.Free());
        }
        return toIngress(plan, loops, paymentTo(plan, TokenType.BLIND_RSA));
    }

    /// Takes over `payment`.
    static RelayedRoute toIngress(Plan plan, EventLoops loops, Payment payment) throws IOException {
        return new RelayedRoute(
                loops,
                localhost(plan.endpoints().ingress()),
                clientTls(plan),
                plan.transport(),
                payment);
    }

    /// Tokens of one type of the issuer in the ingress.
    static Payment paymentTo(Plan plan, TokenType type) throws IOException {
        var ingress = localhost(plan.endpoints().ingress());
        return Payment.withTokens(ingress, clientTls(plan), plan.transport(), type);
    }

    private static TlsMaterial clientTls(Plan plan) throws IOException {
        return DevelopmentPki.open(plan.endpoints().pki(), Clock.systemUTC()).client();
    }

    private static HostPort localhost(int port) {
        return new HostPort("localhost", port);
    }

    /// Plain sockets: what the machine does without any relay.
    record Direct(EventLoops loops) implements Route {
        @Override
        public TunnelStream open(TunnelKind kind, int port) throws IOException {
            EventLoop loop = loops.all().getFirst();
            var dialer = new TargetDialer(loops, TunnelListener.SILENT);
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            return Futures.await(
                    switch (kind) {
                        case UDP, BIND -> dialer.udp(loop, address);
                        case TCP -> dialer.tcp(loop, address, TIMEOUT);
                    },
                    TIMEOUT);
        }

        @Override
        public void close() {}
    }
}
