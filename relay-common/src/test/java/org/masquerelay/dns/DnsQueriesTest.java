package org.masquerelay.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.transport.EventLoops;

@Timeout(60)
final class DnsQueriesTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String NAME = "_masque._udp.fleet.test";

    private static DnsAnswer ask(DnsServer server) throws Exception {
        var settings = new DnsQueries.Settings(List.of(server.address()), LONG, LONG, false, 10);
        try (var loops = EventLoops.start(1)) {
            var loop = loops.all().getFirst();
            var answer = new CompletableFuture<DnsAnswer>();
            loop.execute(() -> {
                var queries = new DnsQueries(loop, settings, loop.ticker());
                queries.ask(
                        new Question(NAME + ".", DnsRecordType.SRV),
                        said -> {
                            queries.close();
                            answer.complete(said);
                        });
            });
            return answer.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @DisplayName("a server of a service whose name cannot be read is an answer that failed")
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "0001 0001 1152 ffff", // A pointer beyond the message.
                "0001 0001 1152 3f61", // A label that is longer than the record.
            })
    void saysThatTheServersOfAServiceCannotBeRead(String record) throws Exception {
        try (var server = DnsServer.start()) {
            server.raw(NAME, DnsRecordType.SRV.intValue(), record.replace(" ", ""));
            assertThat(ask(server)).isInstanceOf(DnsAnswer.Failed.class);
        }
    }
}
