package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.StructuredFields;

/// Our request for a tunnel, until it is answered. Confined to the event loop of its stream.
final class TunnelAsk implements ClientStream.ResponseReceiver {
    private final ClientStream stream;
    private final Carriage carriage;
    private final HttpTunnel tunnel;
    private final TunnelTrace trace;
    private final TunnelAnswer answer;
    private boolean answered;

    private TunnelAsk(
            ClientStream stream,
            Carriage carriage,
            Carriage.OfTunnel capsules,
            TunnelAnswer answer) {
        this.stream = stream;
        this.carriage = carriage;
        this.tunnel = carriage.on(stream, capsules);
        this.trace = capsules.trace();
        this.answer = answer;
    }

    /// Sends `head`; the outcome goes to `answer`.
    static TunnelAsk send(
            ClientStream stream,
            RequestHead head,
            Carriage carriage,
            Carriage.OfTunnel capsules,
            TunnelAnswer answer) {
        var ask = new TunnelAsk(stream, carriage, capsules, answer);
        stream.ask(head, ask);
        return ask;
    }

    /// Gives the request up, if it has no answer yet.
    void cancel() {
        if (!answered) {
            answered = true;
            tunnel.abandon();
            stream.reset(ResetCause.CANCELLED);
        }
    }

    @Override
    public void head(int status, @Nullable HeaderFields fields) {
        if (answered) {
            return;
        }
        if (fields == null || status < 100 || (status < 300 && !mayOpen(status, fields))) {
            abort(ResetCause.MESSAGE_ERROR, Failure.PROTOCOL);
        } else if (status >= 300) {
            answered = true;
            tunnel.abandon();
            stream.finish();
            Discard.rest(stream);
            answer.refused(status, fields);
        } else if (status >= 200) {
            answered = true;
            stream.receiver(tunnel);
            trace.opened();
            answer.opened(tunnel, fields);
        }
        // 1xx: the final answer follows.
    }

    // RFC 9297, section 3.2: what these say has no meaning where capsules are the content.
    private boolean mayOpen(int status, HeaderFields fields) {
        return status < 200
                || !carriage.hasCapsules()
                || (isBoundAsAsked(fields)
                        && status != 204
                        && status != 205
                        && status != 206
                        && !fields.contains("content-length")
                        && !fields.contains("content-type")
                        && !fields.contains("transfer-encoding"));
    }

    // draft-ietf-masque-connect-udp-listen, sections 6 and 7: both are there, or nothing is bound.
    private boolean isBoundAsAsked(HeaderFields fields) {
        return !carriage.equals(new Carriage.Datagrams(Carriage.BIND_CAPSULES))
                || (StructuredFields.parseBoolean(
                                        String.join(", ", fields.all(TunnelHeads.CONNECT_UDP_BIND)))
                                .orElse(false)
                        && fields.contains("proxy-public-address"));
    }

    @Override
    public void unsent(Failure failure) {
        abort(ResetCause.CANCELLED, failure);
    }

    @Override
    public void content(ByteBuf bytes) {
        bytes.release();
    }

    @Override
    public void readComplete() {
        stream.read();
    }

    @Override
    public void finished() {
        abort(ResetCause.MESSAGE_ERROR, Failure.PROTOCOL);
    }

    @Override
    public void trailers() {}

    @Override
    public void failed(MessageStream.Failure failure) {
        abort(
                ResetCause.CANCELLED,
                failure == MessageStream.Failure.REFUSED ? Failure.NO_STREAM : Failure.RESET);
    }

    @Override
    public void closed() {
        if (!answered) {
            answered = true;
            tunnel.abandon();
            answer.failed(Failure.TERMINATED);
        }
    }

    /// Over HTTP/1.1 a reset closes the connection before it returns; that is then no failure of
    /// its own, for which whoever asked would ask again.
    private void abort(ResetCause cause, Failure failure) {
        if (!answered) {
            answered = true;
            tunnel.abandon();
            stream.reset(cause);
            answer.failed(failure);
        }
    }
}
