package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HttpVersion;

/// Reads which protocols a client offers (RFC 7301) before TLS answers it, and ends the connection
/// with the alert `no_application_protocol` when none is ours.
///
/// RFC 7301, section 3.2, asks for that alert; BoringSSL as Netty drives it would finish the
/// handshake without a protocol instead.
final class AlpnGate extends SslClientHelloHandler<Optional<HttpVersion>> {
    /// Bytes. With post-quantum key shares and tickets a ClientHello has two or three thousand.
    private static final int MAX_CLIENT_HELLO = 16 * 1024;

    private static final int ALPN_EXTENSION = 16;

    /// legacy_version and random (RFC 8446, section 4.1.2).
    private static final int VERSION_AND_RANDOM = 2 + 32;

    /// A TLS record: alert, legacy version 1.2, two bytes: fatal, no_application_protocol (120).
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private final List<HttpVersion> versions;
    private final Function<HttpVersion, ChannelHandler> tls;

    /// `tls` makes the handler that takes over and gets every byte, for the version that is about
    /// to be settled on.
    AlpnGate(List<HttpVersion> versions, Function<HttpVersion, ChannelHandler> tls) {
        super(MAX_CLIENT_HELLO);
        this.versions = versions;
        this.tls = tls;
    }

    @Override
    protected Future<Optional<HttpVersion>> lookup(
            ChannelHandlerContext ctx, @Nullable ByteBuf clientHello) {
        return ctx.executor()
                .newSucceededFuture(
                        clientHello == null
                                ? Optional.of(versions.getFirst())
                                : common(clientHello));
    }

    @Override
    protected void onLookupComplete(
            ChannelHandlerContext ctx, Future<Optional<HttpVersion>> common) {
        var version = common.getNow();
        if (version.isPresent()) {
            ctx.pipeline().replace(this, null, tls.apply(version.get()));
        } else {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// The first of our versions that the client offers too, or HTTP/1.1, if it is ours, for a
    /// client that offers none. A ClientHello that breaks off is left to TLS to judge.
    private Optional<HttpVersion> common(ByteBuf hello) {
        try {
            hello.skipBytes(VERSION_AND_RANDOM);
            hello.skipBytes(hello.readUnsignedByte()); // legacy_session_id
            hello.skipBytes(hello.readUnsignedShort()); // cipher_suites
            hello.skipBytes(hello.readUnsignedByte()); // legacy_compression_methods
            if (hello.isReadable()) {
                var extensions = hello.readSlice(hello.readUnsignedShort());
                while (extensions.isReadable()) {
                    int type = extensions.readUnsignedShort();
                    var data = extensions.readSlice(extensions.readUnsignedShort());
                    if (type == ALPN_EXTENSION) {
                        return common(offered(data));
                    }
                }
            }
        } catch (IndexOutOfBoundsException _) {
            return Optional.of(versions.getFirst());
        }
        return common(Set.of(TcpTls.protocol(HttpVersion.H1)));
    }

    private Optional<HttpVersion> common(Set<String> offered) {
        return versions.stream()
                .filter(version -> offered.contains(TcpTls.protocol(version)))
                .findFirst();
    }

    private static Set<String> offered(ByteBuf alpn) {
        var offered = new HashSet<String>();
        var names = alpn.readSlice(alpn.readUnsignedShort());
        while (names.isReadable()) {
            var name = names.readSlice(names.readUnsignedByte());
            offered.add(name.toString(StandardCharsets.US_ASCII));
        }
        return offered;
    }
}
