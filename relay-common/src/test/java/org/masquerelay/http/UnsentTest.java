package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2NoMoreStreamIdsException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;
import org.masquerelay.http.RelayConnection.Failure;

final class UnsentTest {
    @Test
    void tellsWhatIsAboutTheRequestFromWhatIsAboutTheConnection() {
        assertThat(Unsent.failure(new IllegalArgumentException())).isEqualTo(Failure.UNSENT);
        assertThat(
                        Unsent.failure(
                                Http2Exception.headerListSizeError(
                                        3, Http2Error.PROTOCOL_ERROR, false, "too large")))
                .isEqualTo(Failure.UNSENT);
        assertThat(
                        Unsent.failure(
                                Http2Exception.streamError(
                                        3, Http2Error.REFUSED_STREAM, "too many")))
                .isEqualTo(Failure.NO_STREAM);
        assertThat(Unsent.failure(new Http2NoMoreStreamIdsException()))
                .isEqualTo(Failure.TERMINATED);
        assertThat(Unsent.failure(new ClosedChannelException())).isEqualTo(Failure.TERMINATED);
    }
}
