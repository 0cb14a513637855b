package org.masquerelay.transport;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.transport.TcpListener.Connections;

/// Takes the connections that the sockets of one [TcpListener] accept, as far as its limits allow,
/// through the TLS handshake.
///
/// Used by all loops: they share the count, the limits and the group of those in the handshake,
/// none of which is touched by data.
final class TcpAcceptor {
    private final TcpListener.Contexts contexts;
    private final TcpListenerSettings settings;
    private final ShownCertificates shown;
    private final AddressLimits addresses;
    private final Connections connections;
    private final AtomicInteger count = new AtomicInteger();
    private final ChannelGroup inHandshake =
            new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    TcpAcceptor(
            TcpListener.Contexts contexts,
            TcpListenerSettings settings,
            ShownCertificates shown,
            AddressLimits addresses,
            Connections connections) {
        this.contexts = contexts;
        this.settings = settings;
        this.shown = shown;
        this.addresses = addresses;
        this.connections = connections;
    }

    /// Sets up a connection that was just accepted. On its loop.
    void accept(SocketChannel channel) {
        var remote = channel.remoteAddress();
        var refusal =
                remote == null ? ConnectionRefusal.HANDSHAKE_FAILED : enter(remote.getAddress());
        if (refusal != null) {
            channel.config().setSoLinger(0); // RST: no TIME_WAIT for connections we do not want.
            connections.refused(refusal);
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> leave(remote.getAddress()));
        inHandshake.add(channel);
        channel.pipeline()
                .addLast(
                        new AlpnGate(
                                settings.versions(), version -> contexts.handler(version, channel)))
                .addLast(new TlsHandshake(settings.handshakeTimeout(), new Outcome(channel)));
    }

    private @Nullable ConnectionRefusal enter(InetAddress client) {
        if (count.incrementAndGet() > settings.maxConnections()) {
            count.decrementAndGet();
            return ConnectionRefusal.LISTENER_FULL;
        }
        if (!addresses.enter(client)) {
            count.decrementAndGet();
            return ConnectionRefusal.ADDRESS_FULL;
        }
        return null;
    }

    private void leave(InetAddress client) {
        count.decrementAndGet();
        addresses.leave(client);
    }

    int connections() {
        return count.get();
    }

    /// Closes every connection that is in the handshake, and those that still come.
    void close() {
        inHandshake.close();
        contexts.close();
    }

    private final class Outcome implements TlsHandshake.Outcome {
        private final SocketChannel channel;
        private final long accepted;

        Outcome(SocketChannel channel) {
            this.channel = channel;
            this.accepted = channel.eventLoop().ticker().nanoTime();
        }

        @Override
        public void complete(SslHandler tls) {
            inHandshake.remove(channel);
            var version = TcpTls.version(tls.applicationProtocol(), settings.versions());
            if (version.isEmpty()) {
                throw new IllegalStateException("a protocol that the gate has not let in");
            }
            var certificates = shown.taken(tls.engine().getSession());
            if (shown.suffices(certificates)) {
                connections.handshaken(
                        version.get(), channel.eventLoop().ticker().nanoTime() - accepted);
                connections.secured(channel, version.get(), certificates);
            } else {
                failed(new SSLPeerUnverifiedException("no certificate that is taken any more"));
                channel.close();
            }
        }

        @Override
        public void failed(Throwable cause) {
            connections.refused(ConnectionRefusal.HANDSHAKE_FAILED);
        }

        @Override
        public void timedOut() {
            connections.refused(ConnectionRefusal.HANDSHAKE_TIMEOUT);
        }
    }
}
