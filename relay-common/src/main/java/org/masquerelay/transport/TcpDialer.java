package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.masquerelay.transport.DialException.Kind;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Opens TLS connections over TCP.
///
/// Closing it lets go of the TLS context; connections live on.
public final class TcpDialer implements AutoCloseable {
    private final TcpTls contexts;
    private final List<HttpVersion> versions;
    private final KeyExport export;

    /// @param versions what is offered to the peer, the preferred one first: H2, H1
    public TcpDialer(Supplier<TlsMaterial> tls, TlsProvider provider, List<HttpVersion> versions) {
        this(tls, provider, versions, KeyExport.OFF);
    }

    /// @param export whether [KeyExporters] knows its connections
    public TcpDialer(
            Supplier<TlsMaterial> tls,
            TlsProvider provider,
            List<HttpVersion> versions,
            KeyExport export) {
        this.versions = List.copyOf(versions);
        this.export = export;
        this.contexts = TcpTls.client(tls, export.on(provider), this.versions);
    }

    /// A connection whose handshake is complete, and what is spoken on it.
    public record Secured(SocketChannel channel, HttpVersion version) {}

    /// Sets up a connection before anything the peer sends is read.
    public interface Setup {
        void secured(SocketChannel channel, HttpVersion version);
    }

    /// Dials `address`, whose certificate has to name the host of `authority`; `setup` adds the
    /// handlers. Gives up after `timeout`, which TCP and TLS share, or when the future is
    /// cancelled. It fails with a [DialException]. A server of TLS 1.3 that rejects the client's
    /// certificate does so only after this has succeeded, by closing. On `loop`.
    public Promise<Secured> dial(
            EventLoop loop,
            InetSocketAddress address,
            HostPort authority,
            Duration timeout,
            Setup setup) {
        Promise<Secured> promise = loop.newPromise();
        var connected =
                new Bootstrap()
                        .group(loop)
                        .channel(EventLoops.socketChannel())
                        .option(ChannelOption.TCP_NODELAY, true)
                        // One time for all, kept below.
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        contexts.handler(
                                                                channel.alloc(), authority))
                                                .addLast(
                                                        new TlsHandshake(
                                                                timeout,
                                                                new Outcome(
                                                                        channel, setup, promise)));
                                    }
                                })
                        .connect(address);
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(new DialException(Kind.UNREACHABLE, done.cause()));
            }
        });
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                connected.channel().close();
            }
        });
        return promise;
    }

    private final class Outcome implements TlsHandshake.Outcome {
        private final SocketChannel channel;
        private final Setup setup;
        private final Promise<Secured> promise;

        Outcome(SocketChannel channel, Setup setup, Promise<Secured> promise) {
            this.channel = channel;
            this.setup = setup;
            this.promise = promise;
        }

        @Override
        public void complete(SslHandler tls) {
            var version = TcpTls.version(tls.applicationProtocol(), versions);
            if (version.isEmpty()) {
                promise.tryFailure(new DialException(Kind.NO_COMMON_PROTOCOL));
            } else if (promise.setUncancellable()) {
                if (export == KeyExport.ON) {
                    KeyExporters.offer(channel, tls.engine());
                }
                setup.secured(channel, version.get());
                promise.trySuccess(new Secured(channel, version.get()));
            }
        }

        @Override
        public void failed(Throwable cause) {
            promise.tryFailure(failure(cause));
        }

        @Override
        public void timedOut() {
            promise.tryFailure(new DialException(Kind.TIMEOUT));
        }
    }

    private static DialException failure(Throwable cause) {
        var reason =
                cause instanceof DecoderException && cause.getCause() != null
                        ? cause.getCause()
                        : cause;
        if (!(reason instanceof SSLException)) {
            return new DialException(Kind.UNREACHABLE, reason);
        }
        return new DialException(
                isNoCommonProtocol(reason) ? Kind.NO_COMMON_PROTOCOL : Kind.TLS, reason);
    }

    /// Providers tell the alert only in their text, each by the name RFC 7301 gives it.
    private static boolean isNoCommonProtocol(Throwable failure) {
        var text = failure.getMessage();
        return text != null && text.toLowerCase(Locale.ROOT).contains("no_application_protocol");
    }

    @Override
    public void close() {
        contexts.close();
    }
}
