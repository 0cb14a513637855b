package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;

/// A request stream of a [RawH3Client]. Blocks.
public final class RawH3Stream {
    private static final long LIMIT_SECONDS = 10;

    private final QuicStreamChannel channel;
    private final Events events;
    private byte[] unread = new byte[0];

    /// What came in on the stream, in order.
    public sealed interface Event {
        /// A field section; its status is 0 when it is none of a response.
        record Head(int status, HeaderFields fields) implements Event {}

        /// The content, or a part of it, of a DATA frame.
        @SuppressWarnings("ArrayRecordComponent") // Never compared.
        record Data(byte[] content) implements Event {}

        record Fin() implements Event {}

        record Reset(long code) implements Event {}

        record Gone() implements Event {}
    }

    RawH3Stream(QuicStreamChannel channel, Events events) {
        this.channel = channel;
        this.events = events;
    }

    /// Takes down what comes in.
    static final class Events extends ChannelInboundHandlerAdapter {
        final BlockingQueue<Event> queue = new LinkedBlockingQueue<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http3HeadersFrame frame) {
                var lines = new ArrayList<HeaderField>();
                for (var entry : frame.headers()) {
                    lines.add(
                            new HeaderField(
                                    entry.getKey().toString(), entry.getValue().toString()));
                }
                var status = frame.headers().status();
                queue.add(
                        new Event.Head(
                                status == null ? 0 : Integer.parseInt(status.toString()),
                                new HeaderFields(lines)));
            } else if (message instanceof Http3DataFrame frame) {
                queue.add(new Event.Data(ByteBufUtil.getBytes(frame.content())));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                queue.add(new Event.Fin());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof QuicStreamResetException reset) {
                queue.add(new Event.Reset(reset.applicationProtocolCode()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            queue.add(new Event.Gone());
        }
    }

    public long id() {
        return channel.streamId();
    }

    /// Sends bytes below the framing of HTTP/3, in order with all that is sent.
    public void send(ByteBuf bytes) {
        channel.eventLoop().execute(() -> channel.pipeline().firstContext().writeAndFlush(bytes));
    }

    /// Sends one DATA frame.
    public void data(byte[] content) {
        send(H3Bytes.data(content));
    }

    public void data(String content) {
        data(content.getBytes(UTF_8));
    }

    /// Ends our side, behind what was sent.
    public void fin() {
        channel.eventLoop()
                .execute(() ->
                        channel.pipeline()
                                .firstContext()
                                .writeAndFlush(
                                        new DefaultQuicStreamFrame(Unpooled.EMPTY_BUFFER, true)));
    }

    /// RESET_STREAM and STOP_SENDING.
    public void reset(int code) {
        channel.shutdown(code, channel.newPromise());
    }

    public void pause() {
        channel.config().setAutoRead(false);
    }

    public void resume() {
        channel.config().setAutoRead(true);
    }

    public Event next() throws InterruptedException {
        var event = events.queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing within " + LIMIT_SECONDS + " s");
        }
        return event;
    }

    /// The answer's head, which comes next.
    public Event.Head head() throws InterruptedException {
        var event = next();
        if (event instanceof Event.Head head) {
            return head;
        }
        throw new AssertionError("expected a head: " + event);
    }

    public int status() throws InterruptedException {
        return head().status();
    }

    /// Exactly so many bytes of content.
    public byte[] bytes(int count) throws InterruptedException {
        var all = new ByteArrayOutputStream(count);
        all.writeBytes(unread);
        while (all.size() < count) {
            var event = next();
            if (!(event instanceof Event.Data(var content))) {
                throw new AssertionError(all.size() + " of " + count + " bytes, then " + event);
            }
            all.writeBytes(content);
        }
        var bytes = all.toByteArray();
        unread = java.util.Arrays.copyOfRange(bytes, count, bytes.length);
        return java.util.Arrays.copyOf(bytes, count);
    }

    public String text(int count) throws InterruptedException {
        return new String(bytes(count), UTF_8);
    }

    /// Waits for RESET_STREAM, past whatever comes before it.
    public long resetCode() throws InterruptedException {
        while (true) {
            switch (next()) {
                case Event.Reset(long code) -> {
                    return code;
                }
                case Event.Head _, Event.Data _ -> {}
                case Event.Fin _ -> throw new AssertionError("FIN instead of a reset");
                case Event.Gone _ -> throw new AssertionError("no reset");
            }
        }
    }

    /// Reads content up to FIN.
    public byte[] rest() throws InterruptedException {
        var all = new ByteArrayOutputStream();
        all.writeBytes(unread);
        unread = new byte[0];
        while (true) {
            switch (next()) {
                case Event.Data(var content) -> all.writeBytes(content);
                case Event.Fin _ -> {
                    return all.toByteArray();
                }
                case Event other -> throw new AssertionError("expected content: " + other);
            }
        }
    }
}
