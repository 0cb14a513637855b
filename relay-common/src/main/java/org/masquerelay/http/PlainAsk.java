package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;

/// An ordinary request of ours, until its response is whole. Confined to the event loop of its
/// stream.
final class PlainAsk implements ClientStream.ResponseReceiver {
    private static final int MAX_RESPONSE = 64 * 1024;

    private final ClientStream stream;
    private final PlainAnswer answer;
    private final ByteBuf body = Unpooled.buffer(0, MAX_RESPONSE);
    private HeaderFields fields = HeaderFields.NONE;
    private int status;
    private boolean answered;

    private PlainAsk(ClientStream stream, PlainAnswer answer) {
        this.stream = stream;
        this.answer = answer;
    }

    /// Sends `head` and the body; the response goes to `answer`.
    static void send(ClientStream stream, RequestHead head, ByteBuffer body, PlainAnswer answer) {
        stream.ask(head, new PlainAsk(stream, answer));
        if (body.hasRemaining()) {
            stream.write(Unpooled.copiedBuffer(body));
        }
        stream.finish();
        stream.autoRead(true);
    }

    @Override
    public void head(int status, @Nullable HeaderFields fields) {
        if (fields == null || status < 100) {
            abort(Failure.PROTOCOL);
        } else if (status >= 200) {
            this.status = status;
            this.fields = fields;
        }
    }

    @Override
    public void unsent(Failure failure) {
        abort(failure);
    }

    @Override
    public void content(ByteBuf bytes) {
        try {
            if (bytes.readableBytes() > body.maxWritableBytes()) {
                abort(Failure.PROTOCOL);
            } else {
                body.writeBytes(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void finished() {
        if (answered) {
            return;
        }
        if (status < 200) {
            abort(Failure.PROTOCOL);
            return;
        }
        answered = true;
        answer.answered(
                new PlainResponse(
                        status,
                        fields,
                        ByteBuffer.wrap(ByteBufUtil.getBytes(body)).asReadOnlyBuffer()));
    }

    @Override
    public void trailers() {}

    /// Over HTTP/1.1 a reset closes the connection before it returns; that is then no failure of
    /// its own.
    private void abort(Failure failure) {
        if (!answered) {
            answered = true;
            stream.reset(ResetCause.MESSAGE_ERROR);
            answer.failed(failure);
        }
    }

    @Override
    public void failed(MessageStream.Failure failure) {
        abort(failure == MessageStream.Failure.REFUSED ? Failure.NO_STREAM : Failure.TERMINATED);
    }

    @Override
    public void closed() {
        if (!answered) {
            answered = true;
            answer.failed(Failure.TERMINATED);
        }
    }
}
