package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.FlushAtEndOfTurn;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.WireFormatException;

/// One HTTP/1.1 connection of a client: one request after the other, until one becomes a tunnel.
///
/// While a request waits for its answer nothing is decoded: what comes behind it is either content
/// of the tunnel or the next request, which only the answer tells (RFC 9931, section 8). Confined
/// to its event loop.
final class H1ServerConnection extends FrontConnection {
    /// Bytes held behind a request that waits; one more read can go beyond.
    private static final int MAX_HELD = 16 * 1024;

    /// How long what still comes after the last answer is read away.
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final String DECODER = "decoder";
    private static final String ENCODER = "encoder";
    private static final String CONNECTION = "connection";

    private final SocketChannel channel;
    private final EndOfTurn endOfTurn;
    private @Nullable H1ServerStream stream;
    private @Nullable ServerRequest request;

    /// That of a request without content, until the decoder is out of the way.
    private @Nullable RequestHead wholeHead;

    private @Nullable CompositeByteBuf held;
    private @Nullable Future<?> timer;
    private State state = State.IDLE;
    private boolean lastRequest;
    private boolean goingAway;
    private boolean closeNotified;
    private boolean inputOver;

    private enum State {
        /// Nothing has come of the next request.
        IDLE,
        /// A request is coming.
        READING,
        /// A request waits for its answer.
        ANSWERING,
        /// The connection is a tunnel.
        TUNNEL,
        /// The last answer is sent.
        CLOSING
    }

    private H1ServerConnection(
            FrontContext front, SocketChannel channel, EndOfTurn endOfTurn, Peer peer) {
        super(front);
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        connected(peer);
    }

    /// Serves HTTP/1.1 on `channel`, whose TLS handshake is done.
    static void serve(FrontContext front, SocketChannel channel, EndOfTurn endOfTurn, Peer peer) {
        var connection = new H1ServerConnection(front, channel, endOfTurn, peer);
        channel.pipeline()
                .addLast(new FlushAtEndOfTurn(endOfTurn))
                .addLast(ENCODER, new HttpResponseEncoder())
                .addLast(CONNECTION, connection.new Wire());
        connection.awaitRequest();
    }

    private void awaitRequest() {
        state = State.IDLE;
        startTimer(front().settings().limits().idleTimeout());
        var decoder =
                new H1RequestDecoder(
                        front().settings().limits().maxFieldSection(), this::bytesArrived);
        channel.pipeline().addBefore(CONNECTION, DECODER, decoder);
        var bytes = held;
        held = null;
        if (bytes != null) {
            var context = channel.pipeline().context(decoder);
            try {
                decoder.channelRead(context, bytes);
            } catch (Exception broken) {
                closeNow();
            }
        }
    }

    private void bytesArrived() {
        if (state == State.IDLE) {
            state = State.READING;
            startTimer(front().settings().limits().headTimeout());
        }
    }

    private void startTimer(Duration time) {
        stopTimer();
        timer = channel.eventLoop().schedule(this::tooLate, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void tooLate() {
        switch (state) {
            case READING -> refuseUnread(RefusalReason.REQUEST_TIMEOUT.because("too slow"));
            case IDLE, CLOSING -> channel.close();
            case ANSWERING, TUNNEL -> {}
        }
    }

    /// The only handler behind the codec.
    private final class Wire extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case HttpRequest head -> {
                    begin(head);
                    if (message instanceof LastHttpContent end) {
                        end(end);
                    }
                }
                case LastHttpContent end -> end(end);
                case HttpContent content -> content(content.content());
                case ByteBuf bytes -> bytes(bytes);
                default -> ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (stream != null) {
                stream.readCompleted();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (stream != null) {
                stream.writabilityChanged();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == GoAway.NOW) {
                goAway();
            } else if (event == GoAway.AT_ONCE) {
                cutOff();
            } else if (event == SslCloseCompletionEvent.SUCCESS) {
                closeNotified = true;
                inputOver();
            } else if (event == ChannelInputShutdownEvent.INSTANCE && !closeNotified) {
                cutOff();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof DecoderException || stream == null) {
                closeNow();
            } else {
                stream.failed();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            stopTimer();
            releaseHeld();
            endStream();
        }
    }

    @Override
    void goAway() {
        goingAway = true;
        if (state == State.IDLE) {
            channel.close();
        }
    }

    private void begin(HttpRequest head) {
        if (state == State.CLOSING) {
            return;
        }
        if (head.decoderResult().isFailure()) {
            refuseUnread(undecoded(head.decoderResult().cause()));
            return;
        }
        lastRequest = !HttpUtil.isKeepAlive(head);
        try {
            var read = H1Heads.read(head, token -> front().heads().isServed(token));
            int fields = read.fields().lines().size();
            if (fields > front().settings().limits().maxFields()) {
                refuseUnread(RefusalReason.HEADER_TOO_LARGE.because("too many fields"));
            } else {
                begin(read, head);
            }
        } catch (WireFormatException malformed) {
            var details = malformed.getMessage();
            refuseUnread(RefusalReason.BAD_REQUEST.because(details == null ? "" : details));
        }
    }

    private void begin(RequestHead read, HttpRequest head) {
        boolean tunnel = read.method().equals(TunnelHeads.CONNECT);
        if (tunnel && (HttpUtil.isTransferEncodingChunked(head) || hasContent(head))) {
            refuseUnread(RefusalReason.BAD_REQUEST.because("a tunnel is asked for with content"));
            return;
        }
        var current = new H1ServerStream(this, channel, Optional.ofNullable(read.protocol()));
        stream = current;
        request = new ServerRequest(this, current);
        current.receiver(request);
        // RFC 9931, section 8: after a refused CONNECT nothing on the connection can be trusted.
        lastRequest |= tunnel && read.protocol() == null;
        if (tunnel || !(hasContent(head) || HttpUtil.isTransferEncodingChunked(head))) {
            wholeHead = read;
        } else {
            if (HttpUtil.is100ContinueExpected(head)) {
                current.interim(100);
            }
            request.head(read);
        }
    }

    private static boolean hasContent(HttpRequest head) {
        return HttpUtil.getContentLength(head, 0L) != 0;
    }

    private static Refusal undecoded(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException _ ->
                    RefusalReason.URI_TOO_LONG.because("the request line is too long");
            case TooLongHttpHeaderException _ ->
                    RefusalReason.HEADER_TOO_LARGE.because("the header is too large");
            default -> RefusalReason.BAD_REQUEST.because("the request is malformed");
        };
    }

    /// Answers a request that could not be read, and closes: where the next one would begin is not
    /// known.
    private void refuseUnread(Refusal refusal) {
        if (state == State.CLOSING) {
            return;
        }
        lastRequest = true;
        var settings = front().settings();
        listener()
                .refused(new TunnelTags(TunnelKind.TCP, HttpVersion.H1, settings.name()), refusal);
        if (stream == null) {
            stream = new H1ServerStream(this, channel, Optional.empty());
        }
        if (request != null) {
            request.abandon();
        }
        ServerExchange.respond(stream, settings.identifier(), refusal);
    }

    private void content(ByteBuf content) {
        if (stream == null || state == State.CLOSING) {
            content.release();
        } else {
            stream.received(content);
        }
    }

    private void end(LastHttpContent end) {
        if (state == State.CLOSING || stream == null) {
            end.release();
            return;
        }
        if (end.decoderResult().isFailure()) {
            end.release();
            refuseUnread(undecoded(end.decoderResult().cause()));
            return;
        }
        if (state == State.READING) {
            state = State.ANSWERING;
            stopTimer();
        }
        channel.config().setAutoRead(false);
        content(end.content());
        if (channel.pipeline().get(DECODER) != null) {
            channel.pipeline().remove(DECODER); // What it holds comes back as bytes.
        }
        var head = wholeHead;
        wholeHead = null;
        if (head != null && request != null) {
            request.head(head);
        }
        boolean plain = head == null || !head.method().equals(TunnelHeads.CONNECT);
        if (plain && stream != null && state == State.ANSWERING) {
            stream.inputEnded();
        }
    }

    /// Bytes behind a request, or of a tunnel.
    private void bytes(ByteBuf bytes) {
        var current = stream;
        if (state == State.TUNNEL || state == State.CLOSING) {
            if (current == null) {
                bytes.release();
            } else {
                current.received(bytes);
            }
            return;
        }
        if (held == null) {
            held = channel.alloc().compositeBuffer(Integer.MAX_VALUE);
        }
        held.addComponent(true, bytes);
    }

    boolean hasRoom() {
        return held == null || held.readableBytes() < MAX_HELD;
    }

    /// The peer sends nothing more.
    private void inputOver() {
        inputOver = true;
        if (stream == null || state == State.IDLE || state == State.READING) {
            channel.close();
        } else if (state == State.TUNNEL) {
            stream.inputEnded();
        }
        // A request that waits is still answered.
    }

    private void cutOff() {
        if (stream == null || state != State.TUNNEL) {
            channel.close();
        } else {
            stream.failed();
        }
    }

    private void closeNow() {
        if (stream == null) {
            channel.close();
        } else {
            stream.failed();
        }
    }

    /// The answer has opened a tunnel; what was held is its first content.
    void becomeTunnel() {
        state = State.TUNNEL;
        channel.pipeline().remove(ENCODER);
        var bytes = held;
        held = null;
        var current = stream;
        if (current != null) {
            if (bytes != null) {
                current.received(bytes);
            }
            if (inputOver) {
                current.inputEnded();
            }
        }
    }

    /// Whether the connection ends with the answer to this request: also when the rest of the
    /// request is still coming.
    boolean isLastRequest() {
        return lastRequest || inputOver || goingAway || state == State.READING;
    }

    /// The answer is sent, and the connection is free. Not from within the decoder.
    void nextRequest() {
        endStream();
        channel.eventLoop()
                .execute(() -> {
                    if (channel.isActive()) {
                        channel.config().setAutoRead(true);
                        awaitRequest();
                    }
                });
    }

    /// The last answer is sent: reads on for a moment, since closing at once could take the answer
    /// back.
    void closeSoon() {
        state = State.CLOSING;
        releaseHeld();
        startTimer(LINGER);
    }

    private void endStream() {
        var current = stream;
        stream = null;
        request = null;
        if (current != null) {
            current.ended();
        }
    }

    private void releaseHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    void brokenRequest() {
        // A broken request ends its connection.
    }

    EndOfTurn endOfTurn() {
        return endOfTurn;
    }
}
