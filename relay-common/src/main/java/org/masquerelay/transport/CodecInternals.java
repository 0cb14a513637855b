package org.masquerelay.transport;

import io.netty.channel.ChannelHandler;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Two things that Netty's QUIC codec knows and has no method for: which connection has a
/// connection ID, and the reset token that goes with the first one of a connection.
///
/// Without the first a relay could reset a connection that is alive; without the second it would
/// give every client the same token, and each could reset the others (RFC 9000, section 10.3.2).
/// Another version of Netty may keep them elsewhere: then a listener that is to send stateless
/// resets, or to tell of dropped packets, does not start. Confined to the event loop of the codec.
final class CodecInternals {
    private static final String PACKAGE = "io.netty.handler.codec.quic.";

    private final ChannelHandler codec;
    private final long config;

    CodecInternals(ChannelHandler codec) {
        this.codec = codec;
        try {
            this.config = (long) Handles.CONFIG.invokeExact(codec);
        } catch (Throwable failure) {
            throw new IllegalStateException("this version of Netty is not known", failure);
        }
    }

    /// The channel of the connection that has `connectionId`, or null.
    @Nullable Object channel(ByteBuffer connectionId) {
        try {
            return (Object) Handles.CHANNEL.invokeExact(codec, connectionId);
        } catch (Throwable failure) {
            throw new IllegalStateException("the codec cannot look an ID up", failure);
        }
    }

    /// The next connection that the codec makes tells its client `token`.
    void resetTokenOfNext(byte[] token) {
        try {
            Handles.TOKEN.invokeExact(config, token);
        } catch (Throwable failure) {
            throw new IllegalStateException("the codec takes no token", failure);
        }
    }

    /// Found once, when the first listener needs them.
    private static final class Handles {
        static final MethodHandle CHANNEL;
        static final MethodHandle CONFIG;
        static final MethodHandle TOKEN;

        static {
            try {
                var codec = Class.forName(PACKAGE + "QuicheQuicCodec");
                var channel = Class.forName(PACKAGE + "QuicheQuicChannel");
                var config = Class.forName(PACKAGE + "QuicheConfig");
                var quiche = Class.forName(PACKAGE + "Quiche");
                var lookup = MethodHandles.privateLookupIn(codec, MethodHandles.lookup());
                CHANNEL =
                        lookup.findVirtual(
                                        codec,
                                        "getChannel",
                                        MethodType.methodType(channel, ByteBuffer.class))
                                .asType(
                                        MethodType.methodType(
                                                Object.class,
                                                ChannelHandler.class,
                                                ByteBuffer.class));
                CONFIG =
                        MethodHandles.filterReturnValue(
                                        lookup.findGetter(codec, "config", config),
                                        lookup.findVirtual(
                                                config,
                                                "nativeAddress",
                                                MethodType.methodType(long.class)))
                                .asType(MethodType.methodType(long.class, ChannelHandler.class));
                TOKEN =
                        lookup.findStatic(
                                quiche,
                                "quiche_config_set_stateless_reset_token",
                                MethodType.methodType(void.class, long.class, byte[].class));
            } catch (ReflectiveOperationException other) {
                throw new ExceptionInInitializerError(other);
            }
        }
    }
}
