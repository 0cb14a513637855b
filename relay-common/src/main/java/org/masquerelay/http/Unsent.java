package org.masquerelay.http;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import org.masquerelay.http.RelayConnection.Failure;

/// Why the head of a request could not be written: through its own fault, or that of the
/// connection.
final class Unsent {
    private Unsent() {}

    static Failure failure(Throwable cause) {
        if (cause instanceof Http2Exception h2) {
            if (h2.error() == Http2Error.REFUSED_STREAM) {
                return Failure.NO_STREAM;
            }
            return Http2Exception.isStreamError(h2) ? Failure.UNSENT : Failure.TERMINATED;
        }
        return cause instanceof IOException ? Failure.TERMINATED : Failure.UNSENT;
    }
}
