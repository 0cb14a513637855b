package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.egress.ops.PolicyHealthIndicator;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// A policy that changes while the relay runs.
@Timeout(600)
final class PolicyReloadTest {
    /// By hand, more: `-Drelay.test.tunnels=10000`, with as many file handles.
    private static final int TUNNELS = Integer.getInteger("relay.test.tunnels", 2000);

    private static final int CONNECTIONS = 4;
    private static final int RELOADS = 5;
    private static final int OTHER_RULES = 20_000;
    private static final ClientCa CA = ClientCa.root("clients");
    private static final String FINANCE = "spiffe://gw/tenant/finance";

    @TempDir Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("policy");
    }

    /// Replaces the file as a whole, so that nobody reads half of it.
    private void write(String... lines) throws IOException {
        var next = Files.writeString(directory.resolve("next"), String.join("\n", lines));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private OneHop start() throws Exception {
        return OneHop.start(
                directory,
                List.of(
                        "--relay.egress.clients=gated",
                        "--relay.auth.admit=mtls",
                        "--relay.listeners[0].client-trust=file:" + authority(),
                        "--relay.egress.max-tunnels-per-connection=16384",
                        "--relay.egress.policy.file=" + file));
    }

    private Path authority() throws Exception {
        return Files.writeString(
                directory.resolve("clients.crt"), Pem.text(List.of(CA.certificate())));
    }

    private TlsMaterial finance() throws Exception {
        return CA.issue(
                Client.of("finance", FINANCE),
                DevelopmentPki.open(directory, Clock.systemUTC()).client().anchors());
    }

    @Test
    void keepsThePolicyWhileTheFileIsBadAndSaysWhatIsWrong() throws Exception {
        try (var targets = new Targets()) {
            var row = FINANCE + " udp 127.0.0.0/8 " + targets.udp().port() + " af11";
            write(row);
            try (var relay = start();
                    var client = relay.connect(finance(), HttpVersion.H3)) {
                client.openUdp(targets.udp(), HeaderFields.NONE).close();
                var health = relay.bean(PolicyHealthIndicator.class);
                assertThat(health.health().getStatus().getCode()).isEqualTo("UP");
                assertThat(TwoHops.gauge(relay.meters(), "masque.policy.rules")).isEqualTo(1);

                write("# two tenants", "* udp 127.0.0.0/8 1-65535", row);
                Await.until(
                        "the file is refused",
                        () -> TwoHops.gauge(relay.meters(), "masque.policy.current") == 0);
                assertThat(health.health().getStatus().getCode()).isEqualTo("DEGRADED");
                assertThat(health.health().getDetails().get("problem"))
                        .asString()
                        .startsWith("line 2: a * in the tenant");
                client.openUdp(targets.udp(), HeaderFields.NONE).close();

                Files.delete(file);
                Await.until(
                        "the file is missed",
                        () ->
                                String.valueOf(health.health().getDetails().get("problem"))
                                        .contains("no file"));
                client.openUdp(targets.udp(), HeaderFields.NONE).close();

                write("spiffe://gw/tenant/sre udp * *", "spiffe://gw/tenant/dev tcp * *");
                Await.until(
                        "the new policy is in force",
                        () -> TwoHops.gauge(relay.meters(), "masque.policy.tenants") == 2);
                assertThat(health.health().getStatus().getCode()).isEqualTo("UP");
                var refused =
                        catchThrowableOfType(
                                TunnelRefusedException.class,
                                () -> client.openUdp(targets.udp(), HeaderFields.NONE));
                assertThat(refused.status()).isEqualTo(403);
            }
        }
    }

    @Test
    @DisplayName("reloads while thousands of tunnels run disturb none of them")
    void disturbsNoTunnel() throws Exception {
        try (var targets = new Targets()) {
            var row = FINANCE + " udp 127.0.0.1 " + targets.udp().port();
            write(row);
            try (var relay = start();
                    var crowd = new Crowd(relay, finance(), targets)) {
                crowd.echo(0);
                for (int reload = 1; reload <= RELOADS; reload++) {
                    int rules = OTHER_RULES + reload;
                    // The last one leaves out whom the tunnels are of.
                    write(others(rules - 1), reload < RELOADS ? row : "# " + row);
                    int wanted = reload < RELOADS ? rules : rules - 1;
                    var before = relay.bean(TargetRules.class).tenants().get();
                    int round = reload;
                    do {
                        crowd.echo(round);
                    } while (relay.bean(TargetRules.class).tenants().get() == before);
                    assertThat(TwoHops.gauge(relay.meters(), "masque.policy.rules"))
                            .isEqualTo(wanted);
                    assertThat(relay.activeTunnels()).isEqualTo(TUNNELS);
                }
                crowd.echo(RELOADS + 1);
                assertThat(relay.activeTunnels()).isEqualTo(TUNNELS);
                assertThat(crowd.refusalOfAnother().status()).isEqualTo(403);
            }
        }
    }

    private static String others(int count) {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("tenant-")
                    .append(i)
                    .append(" udp host")
                    .append(i)
                    .append(".example 443\n");
        }
        return lines.toString();
    }

    /// Many tunnels of one tenant, over a few connections.
    private static final class Crowd implements AutoCloseable {
        private static final int THREADS = 24;
        private static final int TRIES = 5;

        private final List<RelayClient> clients = new ArrayList<>();
        private final List<UdpTunnel> tunnels;
        private final Targets targets;

        Crowd(OneHop relay, TlsMaterial tls, Targets targets) throws Exception {
            this.targets = targets;
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(relay.connect(tls, HttpVersion.H3));
            }
            this.tunnels =
                    inParallel(i ->
                            clients.get(i % CONNECTIONS).openUdp(targets.udp(), HeaderFields.NONE));
        }

        /// Has every tunnel carry a datagram there and back.
        void echo(int round) throws Exception {
            inParallel(i -> {
                var payload = ("tunnel " + i + " round " + round).getBytes(UTF_8);
                var tunnel = tunnels.get(i);
                for (int attempt = 0; attempt < TRIES; attempt++) {
                    // A datagram may be lost; a tunnel may not.
                    tunnel.send(payload);
                    var answer = tunnel.receive(Duration.ofSeconds(2));
                    while (answer.isPresent()) {
                        if (java.util.Arrays.equals(answer.get(), payload)) {
                            return i;
                        }
                        answer = tunnel.receive(Duration.ofSeconds(2));
                    }
                }
                throw new AssertionError("tunnel " + i + " carries nothing in round " + round);
            });
        }

        TunnelRefusedException refusalOfAnother() {
            return catchThrowableOfType(
                    TunnelRefusedException.class,
                    () -> clients.getFirst().openUdp(targets.udp(), HeaderFields.NONE));
        }

        private static <T> List<T> inParallel(Call<T> call) throws Exception {
            try (var threads = Executors.newFixedThreadPool(THREADS)) {
                var calls = new ArrayList<Callable<T>>();
                for (int i = 0; i < TUNNELS; i++) {
                    int index = i;
                    calls.add(() -> call.run(index));
                }
                var results = new ArrayList<T>();
                for (var result : threads.invokeAll(calls)) {
                    results.add(result.get());
                }
                return results;
            }
        }

        @Override
        public void close() {
            clients.forEach(RelayClient::close);
        }
    }

    private interface Call<T> {
        T run(int index) throws Exception;
    }
}
