package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.DnsAnswer.Service;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.dns.Question;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.transport.EventLoops;

/// Servers of a service, asked of unbound.
@Timeout(120)
final class ServiceRecordsTest {
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir static Path home;

    private static DnsServer other;
    private static Unbound unbound;

    @BeforeAll
    static void start() throws Exception {
        other = DnsServer.start();
        unbound = Unbound.start(home, other.address());
    }

    @AfterAll
    static void stop() throws Exception {
        unbound.close();
        other.close();
    }

    private static DnsAnswer ask(String name, int maxRecords) throws Exception {
        var settings =
                new DnsQueries.Settings(List.of(unbound.address()), LONG, LONG, false, maxRecords);
        try (var loops = EventLoops.start(1)) {
            var loop = loops.all().getFirst();
            var answer = new CompletableFuture<DnsAnswer>();
            loop.execute(() -> {
                var queries = new DnsQueries(loop, settings, loop.ticker());
                queries.ask(
                        new Question(name, DnsRecordType.SRV),
                        said -> {
                            queries.close();
                            answer.complete(said);
                        });
            });
            return answer.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @DisplayName("RFC 2782: priority, weight, port and target, through aliases of the service")
    @ValueSource(strings = {"_masque._udp.fleet.plain.test.", "_masque._udp.moved.plain.test."})
    void readsTheServersOfAService(String name) throws Exception {
        assertThat(ask(name, 10))
                .isInstanceOfSatisfying(
                        DnsAnswer.Services.class,
                        found -> {
                            assertThat(found.services())
                                    .containsExactlyInAnyOrder(
                                            new Service(10, 60, 4434, "host.plain.test."),
                                            new Service(10, 0, 4435, "mixed.plain.test."),
                                            new Service(20, 5, 4436, "away.plain.test."));
                            assertThat(found.ttlSeconds()).isBetween(1L, 60L);
                        });
    }

    @Test
    void leavesOutWhatIsTooMuch() throws Exception {
        assertThat(ask("_masque._udp.fleet.plain.test.", 2))
                .isInstanceOfSatisfying(
                        DnsAnswer.Services.class, found -> assertThat(found.services()).hasSize(2));
    }

    @Test
    @DisplayName("RFC 2782: a target of \".\" says that there is no such service")
    void takesTheRootForNoService() throws Exception {
        assertThat(ask("_masque._udp.none.plain.test.", 10)).isInstanceOf(DnsAnswer.NoData.class);
    }
}
