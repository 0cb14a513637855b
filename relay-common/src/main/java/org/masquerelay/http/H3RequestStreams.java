package org.masquerelay.http;

import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3RequestStreamInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.RelayConnection.Failure;

/// Opens the request streams of a client's connection within the peer's stream limit (RFC 9000,
/// section 4.6).
///
/// Creating a stream without credit would use one up for nothing, for as long as the connection
/// lives. And Netty looks at the credit only when it has used all of it and a packet comes in; so
/// the streams open are counted here, and a request waits while the peer's word on the streams that
/// have ended is on the way. Confined to the event loop of the connection.
final class H3RequestStreams {
    private final Runnable provokePacket;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private @Nullable QuicChannel channel;
    private long limit;
    private long open;

    private record Waiting(Consumer<QuicStreamChannel> setup, FailureListener failures) {}

    /// @param provokePacket makes the peer send something
    H3RequestStreams(Runnable provokePacket) {
        this.provokePacket = provokePacket;
    }

    /// Requests may be sent on `channel` from now on.
    void up(QuicChannel channel) {
        this.channel = channel;
        // Credit comes back stream by stream, so what the peer starts with is what it allows at a
        // time.
        limit = channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL);
    }

    /// How many more streams the peer will let us have open.
    long left() {
        return limit - open;
    }

    /// Opens a stream now or as soon as there is credit; `setup` puts its handlers in. Fails at
    /// once with [Failure#NO_STREAM] when the peer's limit is reached.
    void open(Consumer<QuicStreamChannel> setup, FailureListener failures) {
        var quic = channel;
        if (quic == null || left() <= 0) {
            failures.failed(Failure.NO_STREAM);
            return;
        }
        open++;
        var request = new Waiting(setup, failures);
        if (quic.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
            create(quic, request);
        } else {
            waiting.add(request);
            provokePacket.run();
        }
    }

    private void create(QuicChannel quic, Waiting request) {
        Http3.newRequestStream(
                        quic,
                        new Http3RequestStreamInitializer() {
                            @Override
                            protected void initRequestStream(QuicStreamChannel stream) {
                                stream.config().setAutoRead(false);
                                stream.closeFuture().addListener(_ -> open--);
                                request.setup().accept(stream);
                            }
                        })
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        open--;
                        request.failures().failed(Failure.NO_STREAM);
                    }
                });
    }

    /// The peer has given credit.
    void creditChanged() {
        var quic = channel;
        while (quic != null
                && !waiting.isEmpty()
                && quic.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
            create(quic, waiting.remove());
        }
    }

    /// The connection is over.
    void close(Failure failure) {
        channel = null;
        for (var request = waiting.poll(); request != null; request = waiting.poll()) {
            open--;
            request.failures().failed(failure);
        }
    }
}
