package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/// Netty's decoder, which refuses what request smuggling lives on (RFC 9112, section 11.2), within
/// our bounds.
final class H1RequestDecoder extends HttpRequestDecoder {
    private static final int MAX_REQUEST_LINE = 8 * 1024;

    private final Runnable started;

    /// @param started runs whenever bytes come
    H1RequestDecoder(int maxFieldSection, Runnable started) {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                        .setMaxHeaderSize(maxFieldSection)
                        .setValidateHeaders(true)
                        .setStrictLineParsing(true)
                        .setAllowDuplicateContentLengths(false));
        this.started = started;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        started.run();
        super.channelRead(ctx, message);
    }
}
