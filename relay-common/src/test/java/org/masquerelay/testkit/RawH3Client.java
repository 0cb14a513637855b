package org.masquerelay.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3RequestStreamInitializer;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.transport.KeyExporters;
import org.masquerelay.transport.QuicDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.wire.HostPort;

/// A client that does what a test tells it, right or wrong, and reports what it sees. Blocks.
public final class RawH3Client implements AutoCloseable {
    private static final long LIMIT_SECONDS = 10;

    private final EventLoops loops;
    private final QuicChannel quic;
    private final RawH3Observed observed;

    private RawH3Client(EventLoops loops, QuicChannel quic, RawH3Observed observed) {
        this.loops = loops;
        this.quic = quic;
        this.observed = observed;
    }

    /// SETTINGS of a client that takes HTTP Datagrams.
    public static Http3Settings datagramSettings() {
        return new Http3Settings()
                .enableH3Datagram(true)
                .qpackMaxTableCapacity(0)
                .qpackBlockedStreams(0);
    }

    /// A connection with datagrams and the usual windows.
    public static RawH3Client connect(InetSocketAddress address, TlsMaterial tls)
            throws IOException {
        return connect(address, tls, ConnectionSettings.STANDARD, datagramSettings());
    }

    /// A connection that announces `settings`.
    public static RawH3Client connect(
            InetSocketAddress address,
            TlsMaterial tls,
            ConnectionSettings connection,
            Http3Settings settings)
            throws IOException {
        return dial(address, tls, connection, settings);
    }

    /// A connection on which HTTP/3 has not said anything yet: the test writes the control stream
    /// itself. Answers on request streams cannot be read.
    public static RawH3Client connectMute(InetSocketAddress address, TlsMaterial tls)
            throws IOException {
        return dial(address, tls, ConnectionSettings.STANDARD, null);
    }

    private static RawH3Client dial(
            InetSocketAddress address,
            TlsMaterial tls,
            ConnectionSettings connection,
            @Nullable Http3Settings settings)
            throws IOException {
        var loops = EventLoops.start(1);
        var loop = loops.all().getFirst();
        var observed = new RawH3Observed();
        var up = new CompletableFuture<QuicChannel>();
        loop.execute(() ->
                new QuicDialer(() -> tls, connection, KeyExport.ON)
                        .dial(
                                loop,
                                address,
                                new HostPort("localhost", address.getPort()),
                                observed.setup(settings),
                                () -> {})
                        .addListener(done -> {
                            if (done.isSuccess()) {
                                up.complete((QuicChannel) done.getNow());
                            } else {
                                up.completeExceptionally(done.cause());
                            }
                        }));
        try {
            return new RawH3Client(loops, get(up), observed);
        } catch (IOException failure) {
            loops.close();
            throw failure;
        }
    }

    /// The exporter of the connection, made from what BoringSSL logs.
    public KeyExporter exporter() {
        return KeyExporters.of(quic).orElseThrow();
    }

    /// A new request stream.
    public RawH3Stream open() throws IOException {
        var opened = new CompletableFuture<RawH3Stream>();
        var events = new RawH3Stream.Events();
        Http3.newRequestStream(
                        quic,
                        new Http3RequestStreamInitializer() {
                            @Override
                            protected void initRequestStream(QuicStreamChannel stream) {
                                stream.pipeline().addLast(events);
                            }
                        })
                .addListener(done -> {
                    if (done.isSuccess()) {
                        opened.complete(new RawH3Stream((QuicStreamChannel) done.getNow(), events));
                    } else {
                        opened.completeExceptionally(done.cause());
                    }
                });
        return get(opened);
    }

    /// A new request stream with a head of these names and values in turn.
    public RawH3Stream request(String... namesAndValues) throws IOException {
        var stream = open();
        stream.send(H3Bytes.headers(namesAndValues));
        return stream;
    }

    /// A new unidirectional stream with these bytes.
    public void unidirectional(ByteBuf bytes) throws IOException {
        stream(QuicStreamType.UNIDIRECTIONAL, bytes);
    }

    /// A new request stream with these frames, on a connection without HTTP/3; what comes back is
    /// not kept.
    public void bidirectional(ByteBuf... frames) throws IOException {
        stream(QuicStreamType.BIDIRECTIONAL, Unpooled.wrappedBuffer(frames));
    }

    private void stream(QuicStreamType type, ByteBuf bytes) throws IOException {
        var sent = new CompletableFuture<Boolean>();
        quic.createStream(type, new Ignoring())
                .addListener(done -> {
                    if (done.isSuccess()) {
                        ((QuicStreamChannel) done.getNow()).writeAndFlush(bytes);
                        sent.complete(true);
                    } else {
                        sent.completeExceptionally(done.cause());
                    }
                });
        get(sent);
    }

    private static final class Ignoring extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    /// Sends one QUIC DATAGRAM frame.
    public void datagram(ByteBuf payload) {
        quic.writeAndFlush(payload);
    }

    /// The payload of the next QUIC DATAGRAM frame.
    public byte[] nextDatagram() throws InterruptedException {
        var datagram = observed.datagrams.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (datagram == null) {
            throw new AssertionError("no datagram within " + LIMIT_SECONDS + " s");
        }
        return datagram;
    }

    public boolean hasDatagram() {
        return !observed.datagrams.isEmpty();
    }

    /// The server's SETTINGS.
    public Http3Settings peerSettings() throws IOException {
        return get(observed.settings);
    }

    /// The first stream that the server's GOAWAY says it does not serve.
    public long goAway() throws IOException {
        return get(observed.goAway);
    }

    /// Waits for the end of the connection: the error code in CONNECTION_CLOSE, or -1 without one.
    public int closeCode() throws IOException {
        return get(observed.closeCode);
    }

    public boolean isOpen() {
        return quic.isActive();
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (TimeoutException late) {
            throw new IOException("not within " + LIMIT_SECONDS + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    @Override
    public void close() {
        quic.close().awaitUninterruptibly(2000);
        loops.close();
    }
}
