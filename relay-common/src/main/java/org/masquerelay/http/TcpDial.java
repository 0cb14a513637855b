package org.masquerelay.http;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.DialException;
import org.masquerelay.transport.TcpDialer;

/// What all connections of one HTTP version over TCP are dialled with.
record TcpDial(
        TcpDialer dialer,
        ConnectionSettings settings,
        CapsulePolicy policy,
        TunnelListener listener) {

    Carriage.Capsules newCapsules() {
        return new Carriage.Capsules(policy, policy.newBudget(), listener);
    }

    /// Dials `hop`; `secured` sets the connection up before anything is read from it.
    Future<?> dial(
            EventLoop loop,
            NextHop hop,
            long timeoutMillis,
            Consumer<SocketChannel> secured,
            Consumer<Failure> failed) {
        long begun = loop.ticker().nanoTime();
        var dialed =
                dialer.dial(
                        loop,
                        hop.address(),
                        hop.authority(),
                        Duration.ofMillis(timeoutMillis),
                        (channel, version) -> {
                            listener.handshaken(
                                    ConnectionTags.dialled(version),
                                    loop.ticker().nanoTime() - begun);
                            secured.accept(channel);
                        });
        dialed.addListener(done -> {
            if (!done.isSuccess()) {
                failed.accept(failureOf(done.cause()));
            }
        });
        return dialed;
    }

    static Failure failureOf(@Nullable Throwable cause) {
        for (var c = cause; c != null; c = c.getCause()) {
            if (c instanceof DialException dial) {
                return switch (dial.kind()) {
                    case UNREACHABLE -> Failure.UNREACHABLE;
                    case TIMEOUT -> Failure.TIMEOUT;
                    case TLS -> Failure.TLS;
                    case NO_COMMON_PROTOCOL -> Failure.PROTOCOL;
                };
            }
            if (c instanceof SSLException) {
                return Failure.TLS; // TLS 1.3: the peer has refused our certificate.
            }
        }
        return Failure.TERMINATED;
    }
}
