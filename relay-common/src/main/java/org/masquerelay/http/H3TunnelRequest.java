package org.masquerelay.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import org.masquerelay.http.H3ClientConnection.Failure;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;

/// Our request for a tunnel, until it is answered. Confined to the event loop of its stream.
final class H3TunnelRequest extends ChannelInboundHandlerAdapter {
    private final QuicStreamChannel stream;
    private final RequestHead head;
    private final TunnelKind kind;
    private final ChannelHandler tunnel;
    private final TunnelAnswer answer;
    private boolean answered;

    /// @param tunnel the [TunnelStream] that takes over after 2xx
    H3TunnelRequest(
            QuicStreamChannel stream,
            RequestHead head,
            TunnelKind kind,
            ChannelHandler tunnel,
            TunnelAnswer answer) {
        this.stream = stream;
        this.head = head;
        this.kind = kind;
        this.tunnel = tunnel;
        this.answer = answer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        stream.write(new DefaultHttp3HeadersFrame(H3Heads.request(head)))
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        new H3StreamWriter(stream, _ -> {}).reset(ResetCause.CANCELLED);
                        fail(Failure.TERMINATED);
                    }
                });
        ctx.read();
    }

    /// Gives the request up, if it has no answer yet.
    void cancel() {
        if (!answered) {
            answered = true;
            abandonTunnel();
            new H3StreamWriter(stream, _ -> {}).reset(ResetCause.CANCELLED);
        }
    }

    /// The same, once the stream is set up.
    void cancelLater() {
        stream.eventLoop().execute(this::cancel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http3HeadersFrame frame && !answered) {
            head(frame);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void head(Http3HeadersFrame frame) {
        var fields = H3Heads.fields(frame.headers());
        int status = status(frame);
        if (fields == null || status < 100) {
            new H3StreamWriter(stream, _ -> {}).reset(ResetCause.MESSAGE_ERROR);
            fail(Failure.PROTOCOL);
        } else if (status >= 300) {
            answered = true;
            finishRefused();
            answer.refused(status, fields);
        } else if (status >= 200) {
            opened(status, fields);
        }
        // 1xx: the final answer follows.
    }

    private static int status(Http3HeadersFrame frame) {
        var status = frame.headers().status();
        if (status == null
                || status.length() != 3
                || !status.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Integer.parseInt(status, 0, 3, 10);
    }

    private void opened(int status, HeaderFields fields) {
        // RFC 9297, section 3.2: these never carry capsules.
        if (kind == TunnelKind.UDP && (status == 204 || status == 205 || status == 206)) {
            new H3StreamWriter(stream, _ -> {}).reset(ResetCause.MESSAGE_ERROR);
            fail(Failure.PROTOCOL);
            return;
        }
        answered = true;
        stream.pipeline().replace(this, "tunnel", tunnel);
        if (kind == TunnelKind.UDP) {
            stream.config().setAutoRead(true);
        }
        answer.opened((TunnelStream) tunnel, fields);
    }

    /// Ends our side and reads the rest of the answer away, so that the stream ends in an orderly
    /// way.
    private void finishRefused() {
        abandonTunnel();
        new H3StreamWriter(stream, _ -> {}).fin();
        stream.config().setAutoRead(true);
    }

    private void abandonTunnel() {
        if (tunnel instanceof H3DatagramStream udp) {
            udp.abandon();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!answered) {
            ctx.read();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        new H3StreamWriter(stream, _ -> {}).reset(ResetCause.CANCELLED);
        // RFC 9114, section 8.1: only after H3_REQUEST_REJECTED it is sure that nothing was done.
        boolean rejected =
                cause instanceof QuicStreamResetException reset
                        && reset.applicationProtocolCode() == H3ControlStream.H3_REQUEST_REJECTED;
        fail(rejected ? Failure.NO_STREAM : Failure.RESET);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(Failure.TERMINATED);
    }

    private void fail(Failure failure) {
        if (!answered) {
            answered = true;
            abandonTunnel();
            answer.failed(failure);
        }
    }
}
