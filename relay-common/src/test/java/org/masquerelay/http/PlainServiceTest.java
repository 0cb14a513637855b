package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.slf4j.LoggerFactory;

final class PlainServiceTest {
    @Test
    void saysOfAFailureWhereItWasAndNothingOfTheRequest() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(PlainService.class);
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        logger.addAppender(log);
        try {
            var service =
                    new PlainService((request, _) -> {
                        throw new IllegalStateException("cannot read " + request.fields());
                    });
            var answered = new CompletableFuture<PlainResponse>();
            service.respond(
                    new PlainRequest(
                            "POST",
                            "/token-request",
                            HeaderFields.of("authorization", "Basic c2VjcmV0"),
                            ByteBuffer.allocate(0)),
                    new Peer(
                            new InetSocketAddress("192.0.2.1", 4711),
                            List.of(),
                            "main",
                            HttpVersion.H3),
                    answered::complete);

            assertThat(answered.get(10, TimeUnit.SECONDS).status()).isEqualTo(500);
            assertThat(log.list).hasSize(1);
            var event = log.list.getFirst();
            assertThat(event.getThrowableProxy()).isNull();
            assertThat(event.getFormattedMessage())
                    .contains("IllegalStateException at", "PlainServiceTest")
                    .doesNotContain("c2VjcmV0");
        } finally {
            logger.detachAppender(log);
        }
    }
}
