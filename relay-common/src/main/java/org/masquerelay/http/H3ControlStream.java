package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/// Listens on the peer's control stream (RFC 9114, section 6.2.1) for its SETTINGS.
final class H3ControlStream extends ChannelInboundHandlerAdapter {
    static final int H3_SETTINGS_ERROR = 0x109;
    static final int H3_REQUEST_REJECTED = 0x10b;
    static final int H3_NO_ERROR = 0x100;
    static final int H3_EXCESSIVE_LOAD = 0x107;

    private final Consumer<PeerSettings> onSettings;
    private final Runnable onGoAway;

    /// What matters to tunnels in a peer's SETTINGS (RFC 9220, section 3; RFC 9297, section 2.1.1).
    record PeerSettings(Extension extendedConnect, Extension httpDatagrams) {
        boolean datagrams() {
            return httpDatagrams == Extension.OFFERED;
        }
    }

    /// Whether a peer has announced an extension.
    enum Extension {
        OFFERED,
        ABSENT;

        static Extension of(@org.jspecify.annotations.Nullable Boolean setting) {
            return setting != null && setting ? OFFERED : ABSENT;
        }
    }

    H3ControlStream(Consumer<PeerSettings> onSettings) {
        this(onSettings, () -> {});
    }

    H3ControlStream(Consumer<PeerSettings> onSettings, Runnable onGoAway) {
        this.onSettings = onSettings;
        this.onGoAway = onGoAway;
    }

    /// What this relay announces, on both sides of a hop. The dynamic QPACK table stays off: with
    /// it, field sections of one stream could wait for packets of another.
    ///
    /// @param maxFieldSection bytes of a whole field section. Netty closes the connection of a peer
    ///   that sends more.
    static Http3SettingsFrame localSettings(int maxFieldSection) {
        return new DefaultHttp3SettingsFrame(
                new Http3Settings()
                        .enableConnectProtocol(true)
                        .enableH3Datagram(true)
                        .maxFieldSectionSize(maxFieldSection)
                        .qpackMaxTableCapacity(0)
                        .qpackBlockedStreams(0));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http3SettingsFrame frame) {
            var settings = frame.settings();
            onSettings.accept(
                    new PeerSettings(
                            Extension.of(settings.connectProtocolEnabled()),
                            Extension.of(settings.h3DatagramEnabled())));
        } else if (message instanceof Http3GoAwayFrame) {
            onGoAway.run();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // RFC 9297, section 2.1.1: a value other than 0 or 1 is a connection error. Netty only
        // reports it.
        var quic = (QuicChannel) ctx.channel().parent();
        quic.close(true, H3_SETTINGS_ERROR, ctx.alloc().buffer(0));
    }
}
