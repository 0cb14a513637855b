package org.masquerelay.it.netns;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.wire.IpPrefix;

/// From which addresses, ports and interfaces targets see tunnels come, and how packets are marked,
/// on networks of their own.
@Timeout(300)
final class SourceNamespacesTest {
    private static final long MAX_SECONDS = 120;

    @TempDir static Path directory;

    private static Namespaces namespaces;

    @BeforeAll
    static void open() throws Exception {
        namespaces = Namespaces.open();
        var target = namespaces.onTarget(List.of("python3", script().toString()));
        var ready = new BufferedReader(new InputStreamReader(target.getInputStream(), UTF_8));
        assertThat(ready.readLine()).isEqualTo("ready");
    }

    @AfterAll
    static void close() throws Exception {
        if (namespaces != null) {
            namespaces.close();
        }
    }

    private static Path script() throws Exception {
        try (var resource = SourceNamespacesTest.class.getResourceAsStream("target.py")) {
            assertThat(resource).isNotNull();
            return Files.write(directory.resolve("target.py"), resource.readAllBytes());
        }
    }

    /// An egress on the relay's machine.
    private static final class Egress implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        Egress(String... settings) throws Exception {
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(
                    List.of(
                            "--enable-native-access=ALL-UNNAMED",
                            "--sun-misc-unsafe-memory-access=allow",
                            "-Xmx512m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RelayInNamespace.class.getName(),
                            directory.toString()));
            command.addAll(Arrays.asList(settings));
            process = namespaces.onRelay(command);
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
            assertThat(answers()).isEmpty();
        }

        List<String> ask(String line) throws Exception {
            process.getOutputStream().write((line + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
            return answers();
        }

        private List<String> answers() throws Exception {
            return CompletableFuture.supplyAsync(this::readAnswers)
                    .get(MAX_SECONDS, TimeUnit.SECONDS);
        }

        private List<String> readAnswers() {
            var answers = new ArrayList<String>();
            var log = new ArrayList<String>();
            try {
                for (var line = output.readLine(); line != null; line = output.readLine()) {
                    if (line.equals("> end")) {
                        return answers;
                    }
                    (line.startsWith("> ") ? answers : log).add(line.replaceFirst("^> ", ""));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            throw new AssertionError("the egress has ended: " + String.join("\n", log));
        }

        /// The addresses that the target has seen.
        List<InetAddress> sources(String line) throws Exception {
            return ask(line).stream()
                    .map(answer -> InetAddress.ofLiteral(answer.split(" ", 2)[0]))
                    .toList();
        }

        @Override
        public void close() throws Exception {
            process.getOutputStream().close();
            assertThat(process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @DisplayName("seed 2: each tunnel has a random source of an IPv4 and an IPv6 block")
    void drawsASourceOfItsBlockForEachTunnel() throws Exception {
        try (var egress =
                new Egress(
                        "--relay.egress.clients=any",
                        "--relay.egress.source.prefix-ipv4=198.51.100.0/24",
                        "--relay.egress.source.prefix-ipv6=2001:db8:77::/64",
                        "--relay.egress.source.port-range=10000-60999",
                        "--relay.egress.source.dscp=af11")) {
            var v6 = egress.sources("udp [fd77::2]:7000 1000 - who");
            assertThat(v6).hasSize(1000).allMatch(IpPrefix.parse("2001:db8:77::/64")::contains);
            assertThat(new HashSet<>(v6)).hasSize(1000);

            var seen = egress.ask("udp 10.77.0.2:7000 1000 - who");
            var v4 =
                    seen.stream()
                            .map(answer -> InetAddress.ofLiteral(answer.split(" ", 2)[0]))
                            .toList();
            assertThat(v4)
                    .hasSize(1000)
                    .allMatch(IpPrefix.parse("198.51.100.0/24")::contains)
                    .doesNotContain(
                            InetAddress.ofLiteral("198.51.100.0"),
                            InetAddress.ofLiteral("198.51.100.255"));
            // Of 254 addresses, 1000 draws leave out 5 on average, and 20 never.
            assertThat(new HashSet<>(v4)).hasSizeGreaterThan(234);
            var ports =
                    seen.stream()
                            .map(answer -> Integer.parseInt(answer.split(" ", -1)[1]))
                            .toList();
            assertThat(ports)
                    .allMatch(port -> port >= 10_000 && port <= 60_999)
                    .as("wider than the range of the system")
                    .anyMatch(port -> port < 32_768);

            assertThat(egress.sources("tcp [fd77::2]:7000 50 -"))
                    .doesNotHaveDuplicates()
                    .allMatch(IpPrefix.parse("2001:db8:77::/64")::contains);
            assertThat(egress.sources("tcp 10.77.0.2:7000 50 -"))
                    .allMatch(IpPrefix.parse("198.51.100.0/24")::contains);

            marksPackets(egress);
            deliversNothingForged(egress);
            obeysARouter(egress);
        }
    }

    // R2 3.1 and 6.2: don't fragment, Not-ECT, and the DSCP that was asked for.
    private static void marksPackets(Egress egress) throws Exception {
        assertThat(egress.ask("udp 10.77.0.2:7000 1 - who").getFirst())
                .endsWith("dscp=10 ecn=0 df=1");
        assertThat(egress.ask("udp [fd77::2]:7000 1 - who").getFirst()).endsWith("dscp=10 ecn=0");
    }

    private static void deliversNothingForged(Egress egress) throws Exception {
        assertThat(egress.ask("udp 10.77.0.2:7000 1 - spoof hello"))
                .containsExactly("genuine", "5");
    }

    // R2 3.1: a router that cannot pass a packet on says so, and the tunnel lives on.
    private static void obeysARouter(Egress egress) throws Exception {
        for (var target : List.of("10.80.0.2:7000", "[fd80::2]:7000")) {
            var drops = "masque.datagrams.dropped reason too_large";
            double before = Double.parseDouble(egress.ask(drops).getFirst());
            assertThat(egress.ask("udp " + target + " 1 - hello #1290 hello #1290 #1290 hello"))
                    .as(target)
                    .containsExactly("5", "5", "5");
            assertThat(Double.parseDouble(egress.ask(drops).getFirst()) - before)
                    .as("counted for %s", target)
                    .isEqualTo(3);
        }
    }

    @Test
    @DisplayName("seeds 2 and 4: fixed sources, and of tenants other ones")
    void startsWhereItIsToldAndForTenantsElsewhere() throws Exception {
        var users =
                Files.writeString(
                        directory.resolve("users"),
                        String.join(
                                "\n",
                                Hashes.line("alice", "secret"),
                                Hashes.line("bob", "secret"),
                                Hashes.line("carol", "secret")));
        try (var egress =
                new Egress(
                        "--relay.egress.clients=gated",
                        "--relay.auth.admit=basic",
                        "--relay.auth.basic.users-file=" + users,
                        "--relay.egress.source.ipv4=203.0.113.10",
                        "--relay.egress.source.ipv6=2001:db8:99::10",
                        "--relay.egress.source.tenants[0].id=alice",
                        "--relay.egress.source.tenants[0].ipv4=203.0.113.11",
                        "--relay.egress.source.tenants[1].id=bob",
                        "--relay.egress.source.tenants[1].ipv4=203.0.113.12",
                        "--relay.egress.source.tenants[1].prefix-ipv6=2001:db8:77::/64")) {
            for (var protocol : List.of("udp %s 5 %s who", "tcp %s 5 %s")) {
                assertSources(egress, protocol, "carol", "203.0.113.10/32", "2001:db8:99::10/128");
                assertSources(egress, protocol, "alice", "203.0.113.11/32", "2001:db8:99::10/128");
                assertSources(egress, protocol, "bob", "203.0.113.12/32", "2001:db8:77::/64");
            }
            assertThat(egress.ask("udp 10.77.0.2:7000 1 mallory who"))
                    .containsExactly("refused 401");
        }
    }

    private static void assertSources(
            Egress egress, String protocol, String user, String v4, String v6) throws Exception {
        assertThat(egress.sources(protocol.formatted("10.77.0.2:7000", user)))
                .as(user)
                .hasSize(5)
                .allMatch(IpPrefix.parse(v4)::contains);
        assertThat(egress.sources(protocol.formatted("[fd77::2]:7000", user)))
                .as(user)
                .hasSize(5)
                .allMatch(IpPrefix.parse(v6)::contains);
    }

    @Test
    @DisplayName("seed 2: an interface is used even where routes lead by another one")
    void leavesByItsInterface() throws Exception {
        var first = List.of(InetAddress.ofLiteral("10.77.0.1"));
        var second = List.of(InetAddress.ofLiteral("10.78.0.1"));
        try (var egress = new Egress("--relay.egress.clients=any")) {
            assertThat(egress.sources("udp 10.79.0.9:7000 1 - who")).isEqualTo(first);
            assertThat(egress.sources("tcp 10.79.0.9:7000 1 -")).isEqualTo(first);
        }
        try (var egress =
                new Egress(
                        "--relay.egress.clients=any", "--relay.egress.source.interface=second")) {
            assertThat(egress.sources("udp 10.79.0.9:7000 1 - who")).isEqualTo(second);
            assertThat(egress.sources("tcp 10.79.0.9:7000 1 -")).isEqualTo(second);
        }
    }
}
