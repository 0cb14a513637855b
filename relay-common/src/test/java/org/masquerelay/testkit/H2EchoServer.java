package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2UnknownFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.masquerelay.transport.TlsMaterial;

/// Netty's HTTP/2 behind TLS: echoes what it gets, does what a path asks for, and notes what a
/// [RawH2Client] sent.
final class H2EchoServer implements AutoCloseable {
    static final long MAX_STREAMS = 7;

    /// RST_STREAM codes, "ping ack" and so on, in the order they came.
    final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;

    H2EchoServer(TlsMaterial material) throws Exception {
        var tls = tls(material);
        listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        setup(channel, tls);
                                    }
                                })
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .sync()
                        .channel();
    }

    private static SslContext tls(TlsMaterial material) throws Exception {
        return SslContextBuilder.forServer(
                        material.key(), material.chain().toArray(X509Certificate[]::new))
                .protocols("TLSv1.3")
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                ApplicationProtocolConfig.Protocol.ALPN,
                                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                "h2"))
                .sslProvider(SslProvider.JDK)
                .build();
    }

    private void setup(Channel channel, SslContext tls) {
        channel.pipeline()
                .addLast(tls.newHandler(channel.alloc()))
                .addLast(
                        Http2FrameCodecBuilder.forServer()
                                .initialSettings(
                                        Http2Settings.defaultSettings()
                                                .maxConcurrentStreams(MAX_STREAMS))
                                .build())
                .addLast(
                        new Http2MultiplexHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline().addLast(new Stream());
                                    }
                                }))
                .addLast(new Connection());
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 2, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Stream extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case Http2HeadersFrame head -> answer(ctx, head);
                case Http2DataFrame data ->
                        ctx.writeAndFlush(
                                new DefaultHttp2DataFrame(
                                        data.content().retain(), data.isEndStream()));
                default -> {}
            }
            ReferenceCountUtil.release(message);
        }

        private void answer(ChannelHandlerContext ctx, Http2HeadersFrame head) {
            var connection = ctx.channel().parent();
            var path = String.valueOf(head.headers().path());
            switch (path) {
                case "/reset" -> ctx.writeAndFlush(new DefaultHttp2ResetFrame(0x0a));
                case "/goaway" ->
                        connection.writeAndFlush(
                                new DefaultHttp2GoAwayFrame(
                                        0x0bL, Unpooled.copiedBuffer("enough", US_ASCII)));
                case "/ping" -> connection.writeAndFlush(new DefaultHttp2PingFrame(0x1234));
                case "/other" ->
                        ctx.writeAndFlush(
                                new DefaultHttp2UnknownFrame(
                                        (byte) 0x2a,
                                        new Http2Flags((short) 5),
                                        Unpooled.wrappedBuffer(new byte[] {1, 2})));
                default ->
                        ctx.writeAndFlush(
                                new DefaultHttp2HeadersFrame(
                                        new DefaultHttp2Headers().status("200").add("path", path),
                                        head.isEndStream()));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                seen.add("reset " + reset.errorCode());
            }
        }
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case Http2PingFrame ping when ping.ack() ->
                        seen.add("ping ack " + Long.toHexString(ping.content()));
                case Http2SettingsAckFrame _ -> seen.add("settings ack");
                default -> {}
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The test looks at what the client sees.
        }
    }
}
