package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HttpVersion;

/// Reads which protocols a client offers (RFC 7301) before TLS answers it, and ends the connection
/// with the alert `no_application_protocol` when none is ours.
///
/// RFC 7301, section 3.2, asks for that alert; BoringSSL as Netty drives it would finish the
/// handshake without a protocol instead.
final class AlpnGate extends SslClientHelloHandler<Boolean> {
    /// Bytes. With post-quantum key shares and tickets a ClientHello has two or three thousand.
    private static final int MAX_CLIENT_HELLO = 16 * 1024;

    private static final int ALPN_EXTENSION = 16;

    /// legacy_version and random (RFC 8446, section 4.1.2).
    private static final int VERSION_AND_RANDOM = 2 + 32;

    /// A TLS record: alert, legacy version 1.2, two bytes: fatal, no_application_protocol (120).
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private final List<String> protocols;
    private final Supplier<ChannelHandler> tls;

    /// `tls` makes the handler that takes over and gets every byte.
    AlpnGate(List<HttpVersion> versions, Supplier<ChannelHandler> tls) {
        super(MAX_CLIENT_HELLO);
        this.protocols = versions.stream().map(TcpTls::protocol).toList();
        this.tls = tls;
    }

    @Override
    protected Future<Boolean> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello) {
        return ctx.executor().newSucceededFuture(clientHello == null || isCommon(clientHello));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<Boolean> common) {
        if (common.getNow()) {
            ctx.pipeline().replace(this, null, tls.get());
        } else {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// Whether the client offers one of our protocols, or none at all and HTTP/1.1 is ours. A
    /// ClientHello that breaks off is left to TLS to judge.
    private boolean isCommon(ByteBuf hello) {
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
                        return offersOurs(data);
                    }
                }
            }
        } catch (IndexOutOfBoundsException _) {
            return true;
        }
        return protocols.contains(TcpTls.protocol(HttpVersion.H1));
    }

    private boolean offersOurs(ByteBuf alpn) {
        var names = alpn.readSlice(alpn.readUnsignedShort());
        while (names.isReadable()) {
            var name = names.readSlice(names.readUnsignedByte());
            if (protocols.contains(name.toString(StandardCharsets.US_ASCII))) {
                return true;
            }
        }
        return false;
    }
}
