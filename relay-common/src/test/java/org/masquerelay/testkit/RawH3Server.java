package org.masquerelay.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.transport.QuicListener;
import org.masquerelay.transport.ServerTls;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;

/// A server of HTTP/3 that does what a test tells it, for one connection. Blocks.
public final class RawH3Server implements ScriptedRelay {
    private static final long LIMIT_SECONDS = 10;

    private final EventLoops loops = EventLoops.start(1);
    private final QuicListener listener;
    private final CompletableFuture<QuicChannel> connection = new CompletableFuture<>();
    private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    private final BlockingQueue<RawH3Stream> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();

    private RawH3Server(TlsMaterial tls, @Nullable Http3Settings settings) throws IOException {
        listener =
                QuicListener.bind(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new ServerTls(() -> tls, ClientAuth.NONE, KeyExport.OFF),
                        ConnectionSettings.STANDARD,
                        new Connections(settings));
    }

    /// Announces extended CONNECT and HTTP Datagrams.
    public static RawH3Server start(TlsMaterial tls) throws IOException {
        return start(tls, relaySettings().enableH3Datagram(true));
    }

    public static RawH3Server start(TlsMaterial tls, Http3Settings settings) throws IOException {
        return new RawH3Server(tls, settings);
    }

    /// Speaks QUIC and says nothing of HTTP/3: the test writes the control stream itself. Streams
    /// of the client are [#next], with none of their content.
    public static RawH3Server startMute(TlsMaterial tls) throws IOException {
        return new RawH3Server(tls, null);
    }

    /// SETTINGS of a relay without HTTP Datagrams.
    public static Http3Settings relaySettings() {
        return new Http3Settings()
                .enableConnectProtocol(true)
                .qpackMaxTableCapacity(0)
                .qpackBlockedStreams(0);
    }

    static String[] head(int status, String... namesAndValues) {
        var lines = new ArrayList<>(List.of(":status", Integer.toString(status)));
        lines.addAll(Arrays.asList(namesAndValues));
        return lines.toArray(String[]::new);
    }

    private final class Connections implements QuicListener.Connections {
        private final @Nullable Http3Settings settings;

        Connections(@Nullable Http3Settings settings) {
            this.settings = settings;
        }

        @Override
        public ChannelHandler handler(EventLoop loop) {
            return new ChannelInitializer<QuicChannel>() {
                @Override
                protected void initChannel(QuicChannel quic) {
                    quic.closeFuture().addListener(_ -> closeCode.complete(-1));
                    if (settings != null) {
                        quic.pipeline()
                                .addLast(
                                        new Http3ServerConnectionHandler(
                                                new Requests(),
                                                new ChannelInboundHandlerAdapter(),
                                                null,
                                                new DefaultHttp3SettingsFrame(settings),
                                                true));
                    }
                    quic.pipeline().addLast(new Watch(settings == null));
                }
            };
        }

        @Override
        public boolean isCrowded(InetAddress client) {
            return false;
        }
    }

    private final class Requests extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            var events = new RawH3Stream.Events();
            stream.pipeline().addLast(events);
            requests.add(new RawH3Stream(stream, events));
        }
    }

    private final class Watch extends ChannelInboundHandlerAdapter {
        private final boolean mute;

        Watch(boolean mute) {
            this.mute = mute;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            connection.complete((QuicChannel) ctx.channel());
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf datagram) {
                datagrams.add(ByteBufUtil.getBytes(datagram));
                datagram.release();
                return;
            }
            if (mute
                    && message instanceof QuicStreamChannel stream
                    && stream.type() == QuicStreamType.BIDIRECTIONAL) {
                stream.pipeline().addLast(new Requests());
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicConnectionCloseEvent close) {
                closeCode.complete(close.error());
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The test looks at how the connection ended.
        }
    }

    @Override
    public InetSocketAddress address() {
        return listener.address();
    }

    @Override
    public Incoming next() throws InterruptedException {
        var stream = nextStream();
        return new Request(stream, stream.head().fields());
    }

    /// The stream of the next request, on any connection.
    public RawH3Stream nextStream() throws InterruptedException {
        var stream = requests.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (stream == null) {
            throw new AssertionError("no request within " + LIMIT_SECONDS + " s");
        }
        return stream;
    }

    public boolean hasRequest() {
        return !requests.isEmpty();
    }

    private record Request(RawH3Stream stream, HeaderFields fields) implements Incoming {
        @Override
        public String path() {
            return fields.first(":path").orElseThrow();
        }

        @Override
        public void answer(int status, String... namesAndValues) {
            stream.send(H3Bytes.headers(head(status, namesAndValues)));
        }

        @Override
        public void send(byte[] content) {
            stream.data(content);
        }

        @Override
        public byte[] bytes(int count) throws InterruptedException {
            return stream.bytes(count);
        }

        @Override
        public void finish() {
            stream.fin();
        }

        @Override
        public void reset(long code) {
            stream.reset((int) code);
        }

        @Override
        public long awaitReset() throws InterruptedException {
            return stream.resetCode();
        }
    }

    /// A new unidirectional stream with these bytes.
    public void unidirectional(ByteBuf bytes) throws Exception {
        connection
                .get(LIMIT_SECONDS, TimeUnit.SECONDS)
                .createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .addListener(done -> {
                    if (done.isSuccess()) {
                        ((QuicStreamChannel) done.getNow()).writeAndFlush(bytes);
                    } else {
                        bytes.release();
                    }
                });
    }

    /// Sends one QUIC DATAGRAM frame.
    public void datagram(ByteBuf payload) throws Exception {
        connection.get(LIMIT_SECONDS, TimeUnit.SECONDS).writeAndFlush(payload);
    }

    /// The payload of the next QUIC DATAGRAM frame.
    public byte[] nextDatagram() throws InterruptedException {
        var datagram = datagrams.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (datagram == null) {
            throw new AssertionError("no datagram within " + LIMIT_SECONDS + " s");
        }
        return datagram;
    }

    public boolean hasDatagram() {
        return !datagrams.isEmpty();
    }

    /// Waits until the client is there.
    public void awaitConnection() throws Exception {
        connection.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /// Waits for the end of the connection: the error code in CONNECTION_CLOSE, or -1 without one.
    public int closeCode() throws Exception {
        return closeCode.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        listener.close();
        loops.close();
    }
}
