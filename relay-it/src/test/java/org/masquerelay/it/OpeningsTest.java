package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.FunctionCounter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.gate.spent.RedisServer;
import org.masquerelay.tunnel.HeaderFields;

/// How fast a tenant opens tunnels and how many it has, limited by the egress and named by the
/// ingress.
@Timeout(180)
final class OpeningsTest {
    @TempDir Path directory;

    /// Three in an hour: the fourth waits for a third of it.
    private static final List<String> THREE_AN_HOUR =
            List.of(
                    "--relay.egress.allow-private=true",
                    "--relay.egress.tenant=required",
                    "--relay.egress.max-tunnels-per-tenant=2",
                    "--relay.egress.limits.openings.tunnels=3",
                    "--relay.egress.limits.openings.per=1h");

    private TwoHops start(String shownTenant, String... more) throws Exception {
        var users =
                Files.writeString(
                        directory.resolve("users"),
                        Hashes.line("alice", "one") + "\n" + Hashes.line("bob", "two") + "\n");
        var egress = new ArrayList<>(THREE_AN_HOUR);
        egress.addAll(List.of(more));
        return TwoHops.start(
                directory,
                egress,
                List.of(
                        "--relay.auth.admit=basic",
                        "--relay.auth.basic.users-file=" + users,
                        "--relay.upstream.tenant=" + shownTenant));
    }

    /// What one user does at one ingress.
    private record User(RelayClient client, HeaderFields password, Targets targets) {
        static User of(TwoHops hops, String password, Targets targets) throws Exception {
            var encoded = Base64.getEncoder().encodeToString(password.getBytes(UTF_8));
            return new User(
                    RelayClient.connect(hops.clientSettings()),
                    HeaderFields.of("proxy-authorization", "Basic " + encoded),
                    targets);
        }

        TcpTunnel open() throws Exception {
            return client.openTcp(targets.tcp(), password);
        }

        /// In how many seconds it may come back, as its 429 says.
        int refused() {
            var refused = catchThrowableOfType(TunnelRefusedException.class, this::open);
            assertThat(refused.status()).isEqualTo(429);
            return Integer.parseInt(refused.fields().first("retry-after").orElseThrow());
        }

        boolean opens() {
            try {
                open().close();
                return true;
            } catch (Exception _) {
                return false;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "opaque"})
    void holdsATenantToItsTunnelsAndToHowFastItOpensThem(String shownTenant) throws Exception {
        try (var targets = new Targets();
                var hops = start(shownTenant)) {
            var alice = User.of(hops, "alice:one", targets);
            var bob = User.of(hops, "bob:two", targets);
            try (var _ = alice.client;
                    var _ = bob.client) {
                var first = alice.open();
                try (var _ = alice.open()) {
                    assertThat(alice.refused()).as("a third at a time").isEqualTo(30);
                    first.close();
                    Await.until("there is a place for the third opening", alice::opens);
                    Await.until("the place is free again", () -> alice.refused() != 30);
                    assertThat(alice.refused()).as("a fourth in an hour").isBetween(60, 1200);

                    bob.open().close();
                }
            }
            assertThat(refusals(hops)).isGreaterThanOrEqualTo(2);
        }
    }

    private static double refusals(TwoHops hops) {
        return hops.egressMeters().find("masque.openings.refused").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    @Test
    void countsTheTunnelsOfATenantAtAllEgresses() throws Exception {
        try (var redis = RedisServer.inMemory(directory);
                var targets = new Targets();
                var one = start("id", shared(redis));
                var other = start("id", shared(redis))) {
            for (var hops : List.of(one, other)) {
                Await.until("connected to Redis", () -> up(hops) == 1);
            }
            var here = User.of(one, "alice:one", targets);
            var there = User.of(other, "alice:one", targets);
            var bob = User.of(other, "bob:two", targets);
            try (var _ = here.client;
                    var _ = there.client;
                    var _ = bob.client) {
                try (var _ = here.open();
                        var _ = there.open();
                        var _ = here.open()) {
                    assertThat(there.refused()).isBetween(60, 1200);
                    bob.open().close();
                }
                redis.kill();
                Await.until("each counts alone", there::opens);
                assertThat(up(other)).isZero();
            }
        }
    }

    private static double up(TwoHops hops) {
        return TwoHops.gauge(hops.egressMeters(), "masque.openings.store.up");
    }

    private static String[] shared(RedisServer redis) {
        return new String[] {
            "--spring.data.redis.host=127.0.0.1",
            "--spring.data.redis.port=" + redis.port(),
            "--relay.egress.limits.openings.timeout=5s",
            "--relay.egress.limits.openings.shared=redis"
        };
    }
}
